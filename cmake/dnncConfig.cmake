# find_package(dnnc): the executable dnnc::dnnc and the function dnnc_add_model.
include("${CMAKE_CURRENT_LIST_DIR}/dnncTargets.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/dnnc_add_model.cmake")
