#include "small.h"

/* Row 1 of the outputs for x = 1: relu(scale - 0.5) squared. */
int run_from_c(float *top) {
  static float x[40];
  static int64_t count[40];
  static unsigned char memory[1024];
  unsigned char *workspace = memory + (64 - (uintptr_t)memory % 64) % 64;
  const void *inputs[small_num_inputs];
  void *outputs[small_num_outputs];
  int i;
  for (i = 0; i < 40; ++i) x[i] = 1;
  inputs[0] = x;
  outputs[0] = count;
  outputs[1] = top;
  if (!small_supported() || small_workspace_size(1) > 512 || small_input_info(0)->rank != 2 || small_output_info(2)) return -1;
  return (int)small_run(inputs, outputs, workspace, small_workspace_size(1), 0);
}
