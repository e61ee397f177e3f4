# What `cmake --install` puts down: the tools, and a package that find_package(dnnc) finds. The runtime is not installed: what
# a program needs of it is in the source that dnnc emits.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

add_executable(dnnc::dnnc ALIAS dnnc) # the name dnnc_add_model uses, here and in an installed package
include("${CMAKE_CURRENT_LIST_DIR}/dnnc_add_model.cmake")

set(_package "${CMAKE_INSTALL_LIBDIR}/cmake/dnnc")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/dnncConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
set_target_properties(dnnc dnnc-opt dnnc-lsp-server PROPERTIES INSTALL_RPATH_USE_LINK_PATH ON) # libMLIR stands in LLVM's own folder
install(TARGETS dnnc EXPORT dnncTargets RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
install(TARGETS dnnc-opt dnnc-lsp-server RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
install(EXPORT dnncTargets NAMESPACE dnnc:: DESTINATION "${_package}")
install(FILES "${CMAKE_CURRENT_LIST_DIR}/dnncConfig.cmake" "${CMAKE_CURRENT_LIST_DIR}/dnnc_add_model.cmake"
  "${PROJECT_BINARY_DIR}/dnncConfigVersion.cmake" DESTINATION "${_package}")
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" "${PROJECT_SOURCE_DIR}/NOTICE" DESTINATION "${CMAKE_INSTALL_DOCDIR}")
