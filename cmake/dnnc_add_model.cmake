# dnnc_add_model(<target> MODEL model.onnx [NAMESPACE n] [TARGETS avx2 ...] [WEIGHTS inline|incbin|file] [WEIGHTS_TYPE f32|f16|bf16]
#                [SET_DIM N=1 ...] [OPTIONS --any-other-dnnc-option ...] [DEPENDS file ...] [SELF_TEST])
#
# A static library <target> from an ONNX model. dnnc runs at build time, in the build folder, again whenever the model or
# dnnc changes, and an error in the model is a build error with dnnc's message. Linking <target> gives the include path:
#
#     dnnc_add_model(digits MODEL digits.onnx SET_DIM N=1 SELF_TEST)
#     target_link_libraries(app PRIVATE digits)          # app.cpp: #include "digits.h", namespace digits
#
#   NAMESPACE  C++ namespace, C prefix and header name (default: the model file's name)
#   TARGETS    instruction sets (default, by CMAKE_SYSTEM_PROCESSOR: avx2 on x86-64, neon on 64-bit Arm, else generic); several give one
#              program that picks at run time. cuda-sm80, cuda-sm90: a library of CUDA source, in a project with the language CUDA
#   WEIGHTS    where the weights go; by default inside the source up to 1 MB, beside it and linked in (incbin) above
#   WEIGHTS_TYPE  rounds the weights of convolutions and dense layers; by default they are as the model has them
#   SET_DIM    sizes of symbolic dimensions
#   DEPENDS    more files the model consists of (external data)
#   SELF_TEST  adds a CTest test <target>_self_test: a golden input and output, compared on this machine

function(dnnc_add_model target)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "SELF_TEST" "MODEL;NAMESPACE;WEIGHTS;WEIGHTS_TYPE" "TARGETS;SET_DIM;OPTIONS;DEPENDS")
  if(NOT ARG_MODEL)
    message(FATAL_ERROR "dnnc_add_model(${target}): MODEL is missing")
  endif()
  if(ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "dnnc_add_model(${target}): unknown arguments: ${ARG_UNPARSED_ARGUMENTS}")
  endif()
  get_filename_component(model "${ARG_MODEL}" ABSOLUTE)
  get_filename_component(name "${model}" NAME_WLE)

  set(options ${ARG_OPTIONS})
  if(ARG_NAMESPACE)
    set(name "${ARG_NAMESPACE}")
    list(APPEND options "--name=${name}")
  endif()
  if(NOT ARG_TARGETS AND NOT "${ARG_OPTIONS}" MATCHES "--target") # what the model is built for, which need not be what dnnc runs on
    if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$")
      set(ARG_TARGETS avx2)
    elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64|ARM64)$")
      set(ARG_TARGETS neon)
    else()
      set(ARG_TARGETS generic)
    endif()
  endif()
  if(ARG_TARGETS)
    list(JOIN ARG_TARGETS "," targets)
    list(APPEND options "--target=${targets}")
  endif()
  if(ARG_WEIGHTS)
    list(APPEND options "--weights=${ARG_WEIGHTS}")
  endif()
  if(ARG_WEIGHTS_TYPE)
    list(APPEND options "--weights-type=${ARG_WEIGHTS_TYPE}")
  endif()
  foreach(dim IN LISTS ARG_SET_DIM)
    list(APPEND options "--set-dim=${dim}")
  endforeach()

  set(ending cpp)
  if("${options}" MATCHES "--target=[^;]*(cuda-sm([0-9]+))")
    set(ending cu)
    set(architecture "${CMAKE_MATCH_2}")
    get_property(languages GLOBAL PROPERTY ENABLED_LANGUAGES)
    if(NOT "CUDA" IN_LIST languages)
      message(FATAL_ERROR "dnnc_add_model(${target}): ${CMAKE_MATCH_1} needs the language CUDA: project(${PROJECT_NAME} LANGUAGES CXX CUDA)")
    endif()
  endif()

  set(folder "${CMAKE_CURRENT_BINARY_DIR}/${target}.dnnc")
  set(source "${folder}/${name}.${ending}")
  set(written "${source}" "${folder}/${name}.h")
  if(ARG_SELF_TEST)
    list(APPEND options --self-test)
    list(APPEND written "${folder}/${name}_test.${ending}")
  endif()

  file(MAKE_DIRECTORY "${folder}")
  file(RELATIVE_PATH shown "${CMAKE_SOURCE_DIR}" "${model}")
  add_custom_command(
    OUTPUT ${written}
    COMMAND "$<TARGET_FILE:dnnc::dnnc>" "${model}" -o "${source}" ${options}
    DEPENDS "${model}" ${ARG_DEPENDS} "$<TARGET_FILE:dnnc::dnnc>"
    COMMENT "dnnc ${shown}"
    VERBATIM)

  add_library(${target} STATIC "${source}" "${folder}/${name}.h")
  target_include_directories(${target} PUBLIC "$<BUILD_INTERFACE:${folder}>")
  target_compile_features(${target} PUBLIC cxx_std_17)
  if(ending STREQUAL "cu")
    target_compile_features(${target} PRIVATE cuda_std_17)
    set_target_properties(${target} PROPERTIES CUDA_ARCHITECTURES ${architecture})
  endif()
  # Nobody steps through kernels, and without optimization they are 50 times slower: -O2 also where the build sets nothing.
  target_compile_options(${target} PRIVATE "$<$<OR:$<CONFIG:>,$<CONFIG:Debug>>:-O2>")

  if(ARG_SELF_TEST)
    add_executable(${target}_self_test "${folder}/${name}_test.${ending}")
    target_link_libraries(${target}_self_test PRIVATE ${target})
    if(ending STREQUAL "cu")
      target_compile_features(${target}_self_test PRIVATE cuda_std_17)
      set_target_properties(${target}_self_test PROPERTIES CUDA_ARCHITECTURES ${architecture})
    endif()
    add_test(NAME ${target}_self_test COMMAND ${target}_self_test)
    set_tests_properties(${target}_self_test PROPERTIES SKIP_RETURN_CODE 77) # this processor cannot run the model
  endif()
endfunction()
