// The layers of well-known networks that the kernels are measured on.
#pragma once
#include <string>

enum Kind { DIRECT, DEPTHWISE, TRANSPOSE };
struct Layer {
  const char *network;
  Kind kind;
  i64 h, w, c, k, kh, kw, stride, pad;
};
const Layer layers[] = {
    {"resnet", DIRECT, 224, 224, 3, 64, 7, 7, 2, 3},
    {"resnet", DIRECT, 56, 56, 64, 64, 3, 3, 1, 1},
    {"resnet18", DIRECT, 56, 56, 64, 128, 3, 3, 2, 1},
    {"resnet18", DIRECT, 56, 56, 64, 128, 1, 1, 2, 0},
    {"resnet", DIRECT, 28, 28, 128, 128, 3, 3, 1, 1},
    {"resnet", DIRECT, 14, 14, 256, 256, 3, 3, 1, 1},
    {"resnet", DIRECT, 7, 7, 512, 512, 3, 3, 1, 1},
    {"resnet50", DIRECT, 56, 56, 64, 64, 1, 1, 1, 0},
    {"resnet50", DIRECT, 56, 56, 64, 256, 1, 1, 1, 0},
    {"resnet50", DIRECT, 56, 56, 256, 64, 1, 1, 1, 0},
    {"resnet50", DIRECT, 56, 56, 256, 512, 1, 1, 2, 0},
    {"resnet50", DIRECT, 28, 28, 128, 512, 1, 1, 1, 0},
    {"resnet50", DIRECT, 28, 28, 512, 128, 1, 1, 1, 0},
    {"resnet50", DIRECT, 14, 14, 256, 1024, 1, 1, 1, 0},
    {"resnet50", DIRECT, 14, 14, 1024, 256, 1, 1, 1, 0},
    {"resnet50", DIRECT, 14, 14, 512, 512, 3, 3, 2, 1},
    {"resnet50", DIRECT, 7, 7, 512, 2048, 1, 1, 1, 0},
    {"resnet50", DIRECT, 7, 7, 2048, 512, 1, 1, 1, 0},
    {"resnet50_fc", DIRECT, 1, 1, 2048, 1000, 1, 1, 1, 0},
    {"mobilenet_v2", DIRECT, 224, 224, 3, 32, 3, 3, 2, 1},
    {"mobilenet_v2", DIRECT, 112, 112, 32, 16, 1, 1, 1, 0},
    {"mobilenet_v2", DIRECT, 112, 112, 16, 96, 1, 1, 1, 0},
    {"mobilenet_v2", DIRECT, 56, 56, 96, 24, 1, 1, 1, 0},
    {"mobilenet_v2", DIRECT, 56, 56, 24, 144, 1, 1, 1, 0},
    {"mobilenet_v2", DIRECT, 28, 28, 144, 32, 1, 1, 1, 0},
    {"mobilenet_v2", DIRECT, 28, 28, 32, 192, 1, 1, 1, 0},
    {"mobilenet_v2", DIRECT, 14, 14, 64, 384, 1, 1, 1, 0},
    {"mobilenet_v2", DIRECT, 14, 14, 384, 64, 1, 1, 1, 0},
    {"mobilenet_v2", DIRECT, 14, 14, 96, 576, 1, 1, 1, 0},
    {"mobilenet_v2", DIRECT, 7, 7, 960, 160, 1, 1, 1, 0},
    {"mobilenet_v2", DIRECT, 7, 7, 320, 1280, 1, 1, 1, 0},
    {"mobilenet_v2", DEPTHWISE, 112, 112, 32, 32, 3, 3, 1, 1},
    {"mobilenet_v2", DEPTHWISE, 112, 112, 96, 96, 3, 3, 2, 1},
    {"mobilenet_v2", DEPTHWISE, 56, 56, 144, 144, 3, 3, 1, 1},
    {"mobilenet_v2", DEPTHWISE, 28, 28, 192, 192, 3, 3, 1, 1},
    {"mobilenet_v2", DEPTHWISE, 14, 14, 576, 576, 3, 3, 1, 1},
    {"mobilenet_v2", DEPTHWISE, 7, 7, 960, 960, 3, 3, 1, 1},
    {"efficientnet_b0", DEPTHWISE, 28, 28, 240, 240, 5, 5, 1, 2},
    {"efficientnet_b0", DEPTHWISE, 14, 14, 672, 672, 5, 5, 2, 2},
    {"convnext", DEPTHWISE, 14, 14, 384, 384, 7, 7, 1, 3},
    {"squeezenet1_1", DIRECT, 224, 224, 3, 64, 3, 3, 2, 0},
    {"squeezenet1_1", DIRECT, 55, 55, 64, 16, 1, 1, 1, 0},
    {"squeezenet1_1", DIRECT, 55, 55, 16, 64, 1, 1, 1, 0},
    {"squeezenet1_1", DIRECT, 55, 55, 16, 64, 3, 3, 1, 1},
    {"squeezenet1_1", DIRECT, 27, 27, 32, 128, 3, 3, 1, 1},
    {"squeezenet1_1", DIRECT, 13, 13, 64, 256, 3, 3, 1, 1},
    {"squeezenet1_1", DIRECT, 13, 13, 512, 1000, 1, 1, 1, 0},
    {"mnist_8", DIRECT, 28, 28, 1, 8, 5, 5, 1, 2},
    {"mnist_cnn", DIRECT, 28, 28, 1, 32, 3, 3, 1, 0},
    {"tiny_resnet8", DIRECT, 32, 32, 3, 16, 3, 3, 1, 1},
    {"shufflenet_v2", DIRECT, 224, 224, 3, 24, 3, 3, 2, 1},
    {"ultraface", DIRECT, 240, 320, 3, 16, 3, 3, 2, 1},
    {"tiny_kws", DIRECT, 49, 10, 1, 64, 10, 4, 2, 4},
    {"tiny_kws", DIRECT, 25, 5, 64, 64, 1, 1, 1, 0},
    {"tiny_kws", DEPTHWISE, 25, 5, 64, 64, 3, 3, 1, 1},
    {"tiny_resnet8", DIRECT, 32, 32, 16, 16, 3, 3, 1, 1},
    {"tiny_resnet8", DIRECT, 16, 16, 32, 32, 3, 3, 1, 1},
    {"tiny_resnet8", DIRECT, 8, 8, 64, 64, 3, 3, 1, 1},
    {"tiny_vww", DIRECT, 96, 96, 3, 8, 3, 3, 2, 1},
    {"tiny_vww", DIRECT, 48, 48, 8, 16, 1, 1, 1, 0},
    {"tiny_vww", DIRECT, 6, 6, 128, 128, 1, 1, 1, 0},
    {"unet", TRANSPOSE, 32, 64, 256, 128, 2, 2, 2, 0},
};

inline std::string name_of(const Layer &l) {
  const char *kinds[] = {"conv", "depthwise", "transpose"};
  auto s = [](i64 v) { return std::to_string(v); };
  return std::string(l.network) + "/" + kinds[l.kind] + "/" + s(l.c) + "x" + s(l.h) + "x" + s(l.w) + "->" + s(l.k) + "/" + s(l.kh) + "x" +
         s(l.kw) + "/s" + s(l.stride);
}
