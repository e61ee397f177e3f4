# cmake -DROOT=… -DFILES=a;b -DOUT=x.cpp -P EmbedFiles.cmake: the files' text as a C++ table, by their paths from ROOT.
set(text "// Made by EmbedFiles.cmake.\n#include \"codegen/EmbeddedFiles.h\"\n\nnamespace dnnc::codegen {\nstatic const EmbeddedFile table[] = {\n")
string(REPLACE "|" ";" FILES "${FILES}")
foreach(file IN LISTS FILES)
  file(READ "${ROOT}/${file}" content)
  string(APPEND text "{\"${file}\", R\"embed(${content})embed\"},\n")
endforeach()
string(APPEND text "};\nllvm::ArrayRef<EmbeddedFile> embeddedFiles() { return table; }\n} // namespace dnnc::codegen\n")
file(WRITE "${OUT}" "${text}")
