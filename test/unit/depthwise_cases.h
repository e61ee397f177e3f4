// The shapes on which depthwise kernels are tested, of f32 and of int8. The includer has Case and check_depthwise(Case).
#pragma once

void check_square(i64 n, i64 h, i64 w, i64 c, i64 size, i64 stride, i64 dilation, i64 pad_begin, i64 pad_end) {
  check_depthwise({n, h, w, c, c, size, size, stride, stride, dilation, dilation, pad_begin, pad_begin, pad_end, pad_end, c});
}

TEST(Depthwise, SizesStridesPads) {
  for (i64 size : {3, 5})
    for (i64 stride : {1, 2})
      for (i64 pad : {0, 1, 2})
        for (i64 w : {5, 7, 14, 23}) check_square(1, 6, w, 32, size, stride, 1, pad, pad);
}
TEST(Depthwise, ChannelTails) {
  for (i64 c : {1, 3, 17, 45}) check_square(2, 5, 16, c, 3, 1, 1, 1, 1);
}
TEST(Depthwise, UnequalPads) {
  check_square(1, 8, 30, 16, 3, 2, 1, 0, 1);
  check_square(1, 9, 16, 16, 5, 2, 1, 1, 2);
}
TEST(Depthwise, General) {
  check_square(1, 12, 13, 20, 3, 1, 3, 3, 3);
  check_square(1, 12, 40, 16, 7, 1, 1, 3, 3);
  check_square(1, 9, 17, 16, 2, 3, 1, 0, 0);
  check_depthwise({1, 9, 31, 16, 16, 1, 9, 1, 2, 1, 2, 0, 8, 0, 8, 16});
}
TEST(Depthwise, MapSmallerThanTheKernel) {
  check_square(1, 1, 1, 16, 5, 1, 1, 2, 2);
  check_square(1, 2, 2, 16, 3, 1, 1, 3, 3); // outputs that see nothing but padding
}
