"""The models of the shared folder: their data, its preparation, and what a right answer looks like."""
import os
import pathlib

import numpy as np
import onnx
from onnx import numpy_helper

PICTURES = ("kitten_224.png", "fish.png", "hummingbird.jpg", "cat.jpg", "dog.jpg")
KINDS = (range(281, 286), range(389, 398), (94,), range(281, 286), range(151, 269))  # ImageNet's cats, fishes, hummingbird, cats, dogs
COCO_DOG = 16
CIFAR_MEAN, CIFAR_STD = (0.4914, 0.4822, 0.4465), (0.2471, 0.2435, 0.2616)


def picture(data, name, height, width, order="RGB", mean=(0, 0, 0), deviation=(1, 1, 1), layout="NCHW"):
    from PIL import Image

    image = Image.open(data / "img" / name).convert("RGB").resize((width, height), Image.BILINEAR)
    pixels = np.asarray(image, np.float32)
    pixels = pixels[:, :, ::-1] if order == "BGR" else pixels
    pixels = (pixels - np.float32(mean)) / np.float32(deviation)
    return np.ascontiguousarray((pixels.transpose(2, 0, 1) if layout == "NCHW" else pixels)[None], np.float32)


def letterbox(data, name, side):
    """YOLOX: scaled to fit, grey below and to the right, BGR, 0..255."""
    from PIL import Image

    image = Image.open(data / "img" / name).convert("RGB")
    ratio = side / max(image.size)
    image = image.resize((int(image.width * ratio), int(image.height * ratio)), Image.BILINEAR)
    canvas = np.full((side, side, 3), 114, np.float32)
    canvas[: image.height, : image.width] = np.asarray(image, np.float32)[:, :, ::-1]
    return np.ascontiguousarray(canvas.transpose(2, 0, 1)[None])


def cifar(data, count):
    """(images, labels): records of one label byte and 3x32x32 bytes."""
    records = np.frombuffer((data / "cifar10_test1000.bin").read_bytes(), np.uint8).reshape(-1, 3073)[:count]
    pixels = records[:, 1:].reshape(-1, 3, 32, 32).astype(np.float32) / 255
    mean, deviation = (np.float32(v).reshape(3, 1, 1) for v in (CIFAR_MEAN, CIFAR_STD))
    return ((pixels - mean) / deviation).astype(np.float32), records[:, 0]


def file_bytes(path, half=2048, block=4096, padding=256):
    """Magika: the first and last 2048 bytes without surrounding white space, padded with 256."""
    content = path.read_bytes()
    first, last = content[:block].lstrip()[:half], content[-block:].rstrip()[-half:]
    values = np.full(2 * half, padding, np.int32)
    values[: len(first)] = np.frombuffer(first, np.uint8)
    values[len(values) - len(last) :] = np.frombuffer(last, np.uint8)
    return values[None]


def saved(path):
    return numpy_helper.to_array(onnx.TensorProto.FromString(path.read_bytes()))


def random_inputs(model, seed=7):
    """For weights that mean nothing: values as a normalized picture has them, or bytes; an open dim is 1."""
    generator, inputs = np.random.default_rng(seed), {}
    constants = {t.name for t in model.graph.initializer}
    for info in model.graph.input:
        if info.name not in constants:
            shape = [d.dim_value or 1 for d in info.type.tensor_type.shape.dim]
            dtype = onnx.helper.tensor_dtype_to_np_dtype(info.type.tensor_type.elem_type)
            inputs[info.name] = (generator.standard_normal(shape) if dtype.kind == "f" else generator.integers(0, 256, shape)).astype(dtype)
    return inputs


def inputs_of(name, data):
    """A list of input sets, and per set the expected outputs where the model came with them (else None)."""
    if name == "mnist_8":
        sets = sorted((data / "mnist8_test_data").iterdir())
        return [{"Input3": saved(s / "input_0.pb")} for s in sets], [[saved(s / "output_0.pb")] for s in sets]
    if name == "superres_espcn_x3":
        folder = data / "superres_test_data_set_0"
        return [{"input": saved(folder / "input_0.pb")}], [[saved(folder / "output_0.pb")]]
    if name == "squeezenet1.1_fp16":
        sets = [{"data_0": picture(data, p, 224, 224, "BGR", (104, 117, 123)).astype(np.float16)} for p in PICTURES]
    elif name == "ultraface_rfb_320":
        sets = [{"input": picture(data, "group.jpg", 240, 320, "RGB", (127,) * 3, (128,) * 3)}]
    elif name == "yolox_nano":
        sets = [{"images": letterbox(data, "dog.jpg", 416)}]
    elif name == "deeplabv3_mnv2_257":
        sets = [{"sub_7": picture(data, "dog.jpg", 257, 257, "RGB", (127.5,) * 3, (127.5,) * 3, "NHWC")}]
    elif name == "vit_cifar10_ibp":
        sets = [{"input": image[None]} for image in cifar(data, 8)[0]]
    elif name == "resnet4b_cifar10":
        sets = [{"input.1": image[None]} for image in cifar(data, 1000)[0]]
    elif name == "magika_v2_1":
        files = sorted(p for p in (data / "magika_basic").rglob("*") if p.is_file() and p.stat().st_size >= 64)
        sets = [{"bytes": file_bytes(p)} for p in files]
    else:
        raise KeyError(name)
    return sets, [None] * len(sets)


def meaning(name, data, outputs):
    """What the answers say, to be the same for dnnc and the reference; raises where the reference itself is not convincing."""
    if name == "squeezenet1.1_fp16":
        found = [int(o[0].argmax()) for o in outputs]
        assert all(f in kinds for f, kinds in zip(found, KINDS)), f"the pictures' classes are {found}"
        return found
    if name == "resnet4b_cifar10":
        labels = cifar(data, 1000)[1]
        return f"{int(sum(o[0].argmax() == label for o, label in zip(outputs, labels)))} of {len(outputs)} right"
    if name in ("vit_cifar10_ibp", "magika_v2_1", "mnist_8"):
        return [int(o[0].argmax()) for o in outputs]
    if name == "yolox_nano":
        rows = outputs[0][0][0]
        scores = rows[:, 4:5] * rows[:, 5:]
        best = np.unravel_index(scores.argmax(), scores.shape)
        found = int(best[1]), round(float(scores[best]), 2)
        assert found[0] == COCO_DOG and found[1] > 0.8, f"no dog: class and score {found}"
        return found
    if name == "deeplabv3_mnv2_257":
        return np.bincount(outputs[0][0].argmax(-1).ravel(), minlength=21).tolist()
    if name == "ultraface_rfb_320":
        return int((outputs[0][0][0, :, 1] > 0.7).sum())
    return None


REAL = ["mnist_8", "superres_espcn_x3", "squeezenet1.1_fp16", "ultraface_rfb_320", "yolox_nano", "deeplabv3_mnv2_257", "vit_cifar10_ibp", "resnet4b_cifar10", "magika_v2_1"]
ARCH = ["resnet18", "resnet50", "mobilenet_v2", "squeezenet1_1", "shufflenet_v2_x1_0", "efficientnet_b0", "vgg16", "alexnet", "googlenet", "unet_256x512",
        "vit_b_16", "raft_small", "mnist_cnn", "tiny_kws", "tiny_resnet8", "tiny_vww", "tiny_ad"]


def shared_folder(root):
    return pathlib.Path(os.environ.get("DNNC_MODELS") or root.parent / "shared" / "models")
