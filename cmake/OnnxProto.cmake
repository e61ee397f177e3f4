# onnx_proto: the C++ classes of ONNX's protobuf messages (#include "onnx-ml.pb.h"), made by protoc at build time from the
# onnx-ml.proto inside the PyPI package onnx, which is newer than any libonnx a distribution carries: older classes drop
# newer fields silently. ONNX_PROTO_DIR names the folder that holds onnx-ml.proto; unset, .venv is looked at, then python3.

set(ONNX_PROTO_DIR "" CACHE PATH "Folder that holds onnx-ml.proto (default: the onnx package of .venv or of python3)")

function(dnnc_find_onnx_proto out)
  file(GLOB candidates "${PROJECT_SOURCE_DIR}/.venv/lib/python3*/site-packages/onnx")
  execute_process(
    COMMAND python3 -c "import importlib.util as u; s = u.find_spec('onnx'); print(s.submodule_search_locations[0] if s else '')"
    OUTPUT_VARIABLE of_python OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  foreach(dir IN LISTS ONNX_PROTO_DIR candidates of_python)
    if(EXISTS "${dir}/onnx-ml.proto")
      set(${out} "${dir}" PARENT_SCOPE)
      return()
    elseif(dir STREQUAL ONNX_PROTO_DIR)
      message(FATAL_ERROR "ONNX_PROTO_DIR: there is no ${dir}/onnx-ml.proto")
    endif()
  endforeach()
  message(FATAL_ERROR "onnx-ml.proto was not found. Run tools/setup.sh, or `pip install onnx`, or set -DONNX_PROTO_DIR=<folder>.")
endfunction()

dnnc_find_onnx_proto(_dir)
message(STATUS "onnx-ml.proto: ${_dir}")

find_package(Protobuf REQUIRED)
set(_out "${PROJECT_BINARY_DIR}/onnx_proto")
file(MAKE_DIRECTORY "${_out}")
add_custom_command(
  OUTPUT "${_out}/onnx-ml.pb.cc" "${_out}/onnx-ml.pb.h"
  COMMAND protobuf::protoc "--proto_path=${_dir}" "--cpp_out=${_out}" onnx-ml.proto
  DEPENDS "${_dir}/onnx-ml.proto"
  COMMENT "protoc onnx-ml.proto"
  VERBATIM)

add_library(onnx_proto STATIC "${_out}/onnx-ml.pb.cc" "${_out}/onnx-ml.pb.h")
target_compile_features(onnx_proto PUBLIC cxx_std_17)
target_compile_options(onnx_proto PRIVATE -w) # generated code
set_target_properties(onnx_proto PROPERTIES POSITION_INDEPENDENT_CODE ON)
target_include_directories(onnx_proto SYSTEM PUBLIC "${_out}")
target_link_libraries(onnx_proto PUBLIC protobuf::libprotobuf-lite) # the file asks for the lite runtime itself
