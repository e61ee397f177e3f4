"""The networks to time, in groups. NETWORK is NAME, NAME@BATCH, NAME:int8 and NAME:int7 (quantized here, with weights of 8 and 7 bits), or a file."""
import functools
import pathlib
import subprocess
import sys

import numpy as np
import onnx

import models
from net import Net
from networks import gpt_block
from speed.machine import ROOT
from test_quantized import open_batch, quantized

CNN = ["resnet18", "resnet50", "mobilenet_v2", "squeezenet1_1", "shufflenet_v2_x1_0", "efficientnet_b0", "vgg16", "unet_256x512", "googlenet", "alexnet"]
TINY = ["tiny_kws", "tiny_resnet8", "tiny_vww", "tiny_ad", "mnist_cnn", "mnist_8", "digits"]
GROUPS = {
    "cnn": CNN,
    "tiny": TINY,
    "others": ["yolox_nano", "ultraface_rfb_320", "deeplabv3_mnv2_257", "gtcrn_stream", "vit_cifar10_ibp", "magika_v2_1", "superres_espcn_x3"],
    "int8": [f"{n}:int8" for n in [*CNN[:6], "unet_256x512", *TINY[:3]]],
    "int7": [f"{n}:int7" for n in [*CNN[:6], "unet_256x512", *TINY[:3]]],
    "batch": ["resnet50@8", "mobilenet_v2@8", "squeezenet1_1@8", "tiny_kws@32", "mnist_cnn@32", "tiny_ad@32"],
    "transformers": ["vit_b_16", "gpt2_block_token", "gpt2_block_prompt"],
}
# One block of GPT-2 small: a token after 255 others, and a prompt of 128 after 1.
BLOCKS = {"gpt2_block_token": (1, 255), "gpt2_block_prompt": (128, 1)}


def group_of(network):
    return next((group for group, members in GROUPS.items() if network in members), "given")


def folder_of(network, work):
    return work / network.replace("/", "_").replace(":", "-")


def find_model(name, folder):
    if pathlib.Path(name).is_file():
        return pathlib.Path(name)
    if name == "digits":
        return ROOT / "examples" / "digits" / "digits.onnx"
    shared = models.shared_folder(ROOT)
    if (shared / f"{name}.onnx").is_file():
        return shared / f"{name}.onnx"
    if not (shared / "arch" / f"{name}.onnx").is_file():
        sys.exit(f"{name} is neither a file nor a model of {shared} (set DNNC_MODELS)")
    subprocess.run([sys.executable, shared / "materialize.py", folder, name], check=True, stdout=subprocess.DEVNULL)
    return folder / f"{name}.onnx"


def with_batch(proto, batch):
    constants = {t.name for t in proto.graph.initializer}
    for info in [*proto.graph.input, *proto.graph.output]:
        if info.name not in constants:
            info.type.tensor_type.shape.dim[0].dim_value = batch
    proto.graph.ClearField("value_info")
    return proto


@functools.lru_cache(maxsize=1)
def prepared(network, folder):
    """(model file in \\p folder, inputs by name), static and with float weights in the file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "model.onnx"
    name, _, kind = network.partition(":")
    name, _, batch = name.partition("@")
    if name in BLOCKS:
        tokens, past = BLOCKS[name]
        net = Net(name)
        outputs = gpt_block(net, tokens, past, 768, 12)
        if not path.exists():
            onnx.save(net.model(*outputs), path)
        return path, net.inputs
    if not path.exists():
        proto = onnx.load(find_model(name, folder))
        for info in proto.graph.input:  # an open dim is 1
            for dim in info.type.tensor_type.shape.dim:
                dim.dim_value = dim.dim_value or 1
        onnx.save(with_batch(proto, int(batch)) if batch else proto, path)
        if kind:
            calibration = [models.random_inputs(proto, seed) for seed in range(4)]
            quantized(open_batch(path, folder), calibration, folder, "u8", "i8", True, reduce_range=kind == "int7").rename(path)
    return path, models.random_inputs(onnx.load(path))
