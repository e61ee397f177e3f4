// Runs a model compiled with --state over a sequence: stream shared|separate INPUT OUTPUT STEPS. INPUT holds the values that are no state,
// step by step; states start as zeros. OUTPUT gets the outputs that are no state, step by step, then the last states.
#include "model.h"

#include <cstdio>
#include <cstring>
#include <vector>

int main(int argc, char **argv) {
  if (argc != 5) return 2;
  const bool shared = !std::strcmp(argv[1], "shared");
  std::FILE *from = std::fopen(argv[2], "rb"), *to = std::fopen(argv[3], "wb");
  int steps = 0;
  if (!from || !to || std::sscanf(argv[4], "%d", &steps) != 1) return 2;

  std::vector<std::vector<char>> in, out;
  std::vector<const void *> inputs;
  std::vector<void *> outputs;
  std::vector<bool> stateIn(model::num_inputs), stateOut(model::num_outputs);
  for (const dnnc_tensor_info &info : model::inputs) in.emplace_back(info.bytes), inputs.push_back(in.back().data());
  for (const dnnc_tensor_info &info : model::outputs) out.emplace_back(info.bytes), outputs.push_back(out.back().data());
  for (const model::state_pair &state : model::states) {
    stateIn[state.input] = stateOut[state.output] = true;
    if (shared) outputs[state.output] = in[state.input].data();
  }
  std::vector<char> memory(model::workspace_size() + model::workspace_alignment);
  void *workspace = memory.data() + (model::workspace_alignment - reinterpret_cast<uintptr_t>(memory.data()) % model::workspace_alignment);

  for (int step = 0; step < steps; ++step) {
    std::memset(memory.data(), 0x7f, memory.size()); // the workspace may be anything
    for (int i = 0; i < model::num_inputs; ++i)
      if (!stateIn[i] && std::fread(in[i].data(), 1, in[i].size(), from) != in[i].size()) return 3;
    if (model_run(inputs.data(), outputs.data(), workspace, model::workspace_size(), nullptr) != DNNC_OK) return 4;
    for (int i = 0; i < model::num_outputs; ++i)
      if (!stateOut[i]) std::fwrite(outputs[i], 1, out[i].size(), to);
    if (!shared)
      for (const model::state_pair &state : model::states)
        std::memcpy(in[state.input].data(), out[state.output].data(), in[state.input].size());
  }
  for (const model::state_pair &state : model::states) std::fwrite(in[state.input].data(), 1, in[state.input].size(), to);
  return std::fclose(to) == 0 ? 0 : 5;
}
