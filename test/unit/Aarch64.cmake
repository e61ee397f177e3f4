# dnnc_arm_test(name isa): test/unit/name.cpp for an instruction set of 64-bit Arm, by a cross compiler beside the build's own, and run
# by qemu. Skipped where one of them is missing. ${arm_objects_<name>} are linked too.
find_program(DNNC_AARCH64_CXX aarch64-linux-gnu-g++)
find_program(DNNC_QEMU_AARCH64 NAMES qemu-aarch64 qemu-aarch64-static)
set(gtest_source /usr/src/googletest/googletest)
set(arm_missing "")
if(NOT DNNC_AARCH64_CXX)
  set(arm_missing aarch64-linux-gnu-g++)
elseif(NOT DNNC_QEMU_AARCH64)
  set(arm_missing qemu-aarch64)
elseif(NOT EXISTS ${gtest_source}/src/gtest-all.cc)
  set(arm_missing "GoogleTest's source in ${gtest_source}")
endif()

set(arm_include -I${DNNC_RUNTIME_DIR} -I${CMAKE_CURRENT_SOURCE_DIR} -I${DNNC_RUNTIME_DIR}/..)
set(arm_compile ${CMAKE_CXX_COMPILER_LAUNCHER} ${DNNC_AARCH64_CXX} -std=c++17)
# dnnc_arm_object(object source options…)
function(dnnc_arm_object object source)
  add_custom_command(
    OUTPUT ${object}
    COMMAND ${arm_compile} ${ARGN} -MD -MF ${object}.d -c ${source} -o ${object}
    DEPENDS ${source}
    DEPFILE ${object}.d
    COMMENT "Building ${object} for aarch64"
    VERBATIM)
endfunction()

set(arm_folder ${CMAKE_CURRENT_BINARY_DIR}/aarch64)
file(MAKE_DIRECTORY ${arm_folder})
if(NOT arm_missing)
  dnnc_arm_object(${arm_folder}/gtest.o ${gtest_source}/src/gtest-all.cc -O1 -I${gtest_source})
  dnnc_arm_object(${arm_folder}/main.o ${CMAKE_CURRENT_SOURCE_DIR}/main.cpp -O1)
  set(arm_common ${arm_folder}/gtest.o ${arm_folder}/main.o)
endif()

function(dnnc_arm_test name isa)
  set(test ${name}_${isa})
  if(arm_missing)
    add_test(NAME ${test} COMMAND ${CMAKE_COMMAND} -E echo "skipped: there is no ${arm_missing}")
    set_tests_properties(${test} PROPERTIES SKIP_REGULAR_EXPRESSION "skipped:")
    return()
  endif()
  set(object ${arm_folder}/${test}.o)
  dnnc_arm_object(${object} ${CMAKE_CURRENT_SOURCE_DIR}/${name}.cpp ${DNNC_UNIT_FLAGS} ${arm_include} ${definitions_${isa}})
  add_custom_command(
    OUTPUT ${arm_folder}/${test}
    COMMAND ${DNNC_AARCH64_CXX} ${object} ${arm_common} ${arm_objects_${name}} -o ${arm_folder}/${test}
    DEPENDS ${object} ${arm_common} ${arm_objects_${name}}
    VERBATIM)
  set_property(GLOBAL APPEND PROPERTY dnnc_arm_tests ${arm_folder}/${test})
  add_test(NAME ${test} COMMAND ${DNNC_QEMU_AARCH64} -L /usr/aarch64-linux-gnu ${arm_folder}/${test} --isa=${isa})
  set_tests_properties(${test} PROPERTIES SKIP_RETURN_CODE 77)
endfunction()

function(dnnc_arm_tests_finish)
  get_property(tests GLOBAL PROPERTY dnnc_arm_tests)
  add_custom_target(unit_tests_aarch64 ALL DEPENDS ${tests})
endfunction()
