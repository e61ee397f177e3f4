#!/usr/bin/env python3
"""dnnc_add_model as a user meets it: dnnc installed into a fresh prefix, and the examples configured, built and run against it.

--full also builds dnnc inside a consumer's tree, as FetchContent does.
"""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "test/e2e"))
from support import Failure, Tally, cross_tools, execute  # noqa: E402

DIGITS = ROOT / "examples/digits/digits.onnx"


def cmake(*args, **kwargs):
    return execute(["cmake", *args], timeout=3000, **kwargs).stdout


def configure(source, build, prefix, *options):
    cmake("-G", "Ninja", "-S", source, "-B", build, f"-DCMAKE_PREFIX_PATH={prefix}", *options)


def ctest(build):
    text = execute(["ctest", "--test-dir", build, "--output-on-failure"]).stdout
    return int(re.search(r"100% tests passed, 0 tests failed out of (\d+)", text).group(1))


def expect(condition, message):
    if not condition:
        raise Failure(message)


def ran_dnnc(output):
    return re.search(r"\] dnnc ", output) is not None


def consumer(tmp, prefix):
    """Configured without a build type, as a newcomer does."""
    configure(ROOT / "examples/cmake-consumer", tmp / "consumer", prefix)
    cmake("--build", tmp / "consumer")
    expect(ctest(tmp / "consumer") == 2, "the consumer has two tests: its own and the model's self-test")


def embed(tmp, prefix):
    configure(ROOT / "examples/embed", tmp / "embed", prefix, "-DCMAKE_BUILD_TYPE=Debug")
    cmake("--build", tmp / "embed")
    expect(ctest(tmp / "embed") == 1, "embed has one test")


def threads(tmp, prefix):
    configure(ROOT / "examples/threads", tmp / "threads", prefix)
    cmake("--build", tmp / "threads")
    expect(ctest(tmp / "threads") == 1, "threads has one test")


def generators(tmp, prefix):
    """Makefiles serve as well as Ninja."""
    cmake("-G", "Unix Makefiles", "-S", ROOT / "examples/cmake-consumer", "-B", tmp / "make", f"-DCMAKE_PREFIX_PATH={prefix}")
    cmake("--build", tmp / "make")
    expect(ctest(tmp / "make") == 2, "the consumer has two tests")


PROJECT = """cmake_minimum_required(VERSION 3.20)
project(rebuild CXX)
find_package(dnnc REQUIRED)
dnnc_add_model(model MODEL model.onnx NAMESPACE net TARGETS avx2 generic WEIGHTS {weights} WEIGHTS_TYPE bf16 SET_DIM N=2)
add_executable(app main.cpp)
target_link_libraries(app PRIVATE model)
"""


def project(tmp, weights="inline"):
    source = tmp / f"project-{weights}"
    source.mkdir()
    (source / "CMakeLists.txt").write_text(PROJECT.format(weights=weights))
    (source / "main.cpp").write_text('#include "net.h"\nint main() { return net_run(nullptr, nullptr, nullptr, 0, nullptr) != DNNC_NULL_POINTER; }\n')
    shutil.copy(DIGITS, source / "model.onnx")
    return source


def rebuild(tmp, prefix):
    """dnnc runs again when the model changes or dnnc does, and else not."""
    source, build = project(tmp), tmp / "rebuild"
    configure(source, build, prefix)
    expect(ran_dnnc(cmake("--build", build)), "the first build runs dnnc")
    expect(not ran_dnnc(cmake("--build", build)), "a build with nothing changed must not run dnnc")
    (source / "model.onnx").touch()
    expect(ran_dnnc(cmake("--build", build)), "a changed model must run dnnc again")
    (prefix / "bin/dnnc").touch()
    expect(ran_dnnc(cmake("--build", build)), "a changed dnnc must run again")


def model_error(tmp, prefix):
    """An error in the model is a build error with dnnc's message; what was built before is not half overwritten."""
    source, build = tmp / "project-inline", tmp / "rebuild"
    before = sorted((p.name, p.read_bytes()) for p in (build / "model.dnnc").iterdir())
    (source / "model.onnx").write_bytes(DIGITS.read_bytes()[:5000])
    done = subprocess.run(["cmake", "--build", build], capture_output=True, text=True)
    expect(done.returncode != 0, "a truncated model must fail the build")
    expect(re.search(r"model\.onnx.*error|error.*model\.onnx", done.stdout + done.stderr), f"dnnc's message is missing:\n{done.stdout}{done.stderr}")
    after = sorted((p.name, p.read_bytes()) for p in (build / "model.dnnc").iterdir())
    expect(all(entry in before for entry in after), "a failed run must not leave a changed or new file")


def incbin(tmp, prefix):
    """Weights linked in from a file beside the source, found from any working directory."""
    source, build = project(tmp, "incbin"), tmp / "incbin"
    configure(source, build, prefix)
    cmake("--build", build)
    source = (build / "model.dnnc/net.cpp").read_text()
    expect("const bf16 *const w" in source, "WEIGHTS_TYPE reaches dnnc")
    expect("net::avx2::execute" in source and "net::generic::execute" in source, "TARGETS gives one source for several")
    execute([build / "app"], cwd="/")


def cross(tmp, prefix):
    """Built for another processor: the default target is that one's, and the program runs there."""
    toolchain = tmp / "aarch64.cmake"
    emulator = cross_tools()[1]
    toolchain.write_text(
        "set(CMAKE_SYSTEM_NAME Linux)\nset(CMAKE_SYSTEM_PROCESSOR aarch64)\nset(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)\n"
        f"set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)\nset(CMAKE_CROSSCOMPILING_EMULATOR {emulator};-L;/usr/aarch64-linux-gnu)\n"
    )
    configure(ROOT / "examples/cmake-consumer", tmp / "cross", prefix, f"-DCMAKE_TOOLCHAIN_FILE={toolchain}")
    cmake("--build", tmp / "cross")
    source = next((tmp / "cross").glob("**/digits.cpp")).read_text()
    expect("compiled for neon by dnnc" in source, "the default target for aarch64 is neon")
    expect(ctest(tmp / "cross") == 2, "the consumer has two tests: its own and the model's self-test")


CUDA_PROJECT = """cmake_minimum_required(VERSION 3.20)
project(gpu LANGUAGES CXX CUDA)
enable_testing()
find_package(dnnc REQUIRED)
dnnc_add_model(model MODEL model.onnx NAMESPACE net TARGETS cuda-sm90 SET_DIM N=1 SELF_TEST)
add_executable(app main.cpp)
target_link_libraries(app PRIVATE model)
"""


def cuda(tmp, prefix):
    """A library of CUDA source, compiled for the target's architecture, in a program of C++. There need not be a GPU: nothing runs."""
    source, build = tmp / "project-cuda", tmp / "cuda"
    source.mkdir()
    (source / "CMakeLists.txt").write_text(CUDA_PROJECT)
    (source / "main.cpp").write_text('#include "net.h"\nint main() { net::Model model; return model.init() != DNNC_OK; }\n')
    shutil.copy(DIGITS, source / "model.onnx")
    configure(source, build, prefix, "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON")
    cmake("--build", build)
    commands = [c["command"] for c in json.loads((build / "compile_commands.json").read_text()) if c["file"].endswith(("net.cu", "net_test.cu"))]
    expect(len(commands) == 2 and all("sm_90" in c for c in commands), f"model and self-test are compiled for sm_90: {commands}")
    expect((build / "app").exists() and (build / "model_self_test").exists(), "the program and the self-test link")
    listed = execute(["ctest", "--test-dir", build, "-N"]).stdout
    expect("model_self_test" in listed, f"the self-test is a test:\n{listed}")


def arguments(tmp, prefix):
    """A wrong call is an error of configuration that says what is wrong."""
    for call, message in {
        "dnnc_add_model(m)": "MODEL is missing",
        "dnnc_add_model(m MODEL a.onnx SELFTEST)": "unknown arguments: SELFTEST",
        "dnnc_add_model(m MODEL a.onnx TARGETS cuda-sm90)": "cuda-sm90 needs the language CUDA",
        "dnnc_add_model(m MODEL a.onnx OPTIONS --remarks --target=cuda-sm80)": "cuda-sm80 needs the language CUDA",
    }.items():
        source = tmp / "arguments"
        source.mkdir(exist_ok=True)
        (source / "CMakeLists.txt").write_text(f"cmake_minimum_required(VERSION 3.20)\nproject(a CXX)\nfind_package(dnnc REQUIRED)\n{call}\n")
        done = subprocess.run(["cmake", "-S", source, "-B", tmp / "arguments-build", f"-DCMAKE_PREFIX_PATH={prefix}"], capture_output=True, text=True)
        expect(done.returncode != 0 and message in " ".join(done.stderr.split()), f"{call}: expected `{message}`, got:\n{done.stderr}")


def in_tree(tmp, prefix):
    configure(ROOT / "examples/cmake-consumer", tmp / "in-tree", prefix, "-DDNNC_FROM_SOURCE=ON")
    cmake("--build", tmp / "in-tree")
    expect(ctest(tmp / "in-tree") == 2, "the consumer has two tests, and none of dnnc's")


def main():
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="dnnc-cmake-") as folder:
        tmp, prefix = pathlib.Path(folder), pathlib.Path(folder) / "prefix"
        if tally.run("install", lambda: cmake("--install", ROOT / "build", "--prefix", prefix) and None):
            tests = [consumer, embed, threads, generators, rebuild, model_error, incbin, arguments] + ([in_tree] if "--full" in sys.argv else [])
            if all(cross_tools()):
                tests.append(cross)
            else:
                tally.skip("cross", "aarch64-linux-gnu-g++ or qemu-aarch64 is not installed")
            if shutil.which("nvcc"):
                tests.append(cuda)
            else:
                tally.skip("cuda", "nvcc is not on PATH")
            for test in tests:
                tally.run(test.__name__, test, tmp, prefix)
    sys.exit(tally.finish())


if __name__ == "__main__":
    main()
