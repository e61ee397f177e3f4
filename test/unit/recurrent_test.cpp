// RNN, GRU and LSTM against their formulas in double.
#include "kernel_test.h"

namespace {
DNNC_TARGET_BEGIN
#include "kernels/recurrent/recurrent.h"
const int lanes_max = VL;
void pack(const recurrent::PackParams &p, const float *r, float *packed) { recurrent::pack_weights(p, r, packed, Par{nullptr}); }
DNNC_TARGET_END

using namespace recurrent;

enum Cell { RNN, GRU, GRU_LINEAR, LSTM };
const i64 gates_of[] = {1, 3, 3, 4};

// A layer with everything on; has_… and functions are changed by the tests.
struct Layer {
  Cell cell;
  RecurrentParams p;
  std::vector<float> x, r, rb, peepholes, coefficients, h0, c0;
  std::vector<int32_t> lens;

  Layer(Cell kind, i64 steps, i64 batch, i64 hidden, i64 directions, bool reverse) : cell(kind), p() {
    const i64 columns = directions * gates_of[kind] * hidden;
    p.steps = steps, p.batch = batch, p.hidden = hidden, p.directions = directions, p.reverse = reverse;
    p.x_t = batch * columns, p.x_b = columns, p.y_t = directions * batch * hidden, p.y_d = batch * hidden, p.y_b = p.s_b = hidden,
    p.s_d = batch * hidden;
    p.has_h0 = p.has_c0 = p.has_lens = p.has_y = p.has_rb = p.has_peepholes = 1;
    for (i64 i = 0; i < 6; ++i) p.functions[i] = i % 3 == 0 && kind != RNN ? SIGMOID : TANH;
    const float bound = std::min(1.0f, 1.5f / (float)hidden); // a row of r sums up to less than 1: errors do not grow
    x = test::uniform(steps * batch * columns, -1, 1, 1);
    r = test::uniform(directions * gates_of[kind] * hidden * hidden, -bound, bound, 2);
    rb = test::uniform(directions * hidden, -0.5f, 0.5f, 3);
    peepholes = test::uniform(directions * 3 * hidden, -0.5f, 0.5f, 4);
    coefficients = test::uniform(6 * directions, 0.1f, 0.9f, 5);
    h0 = test::uniform(directions * batch * hidden, -1, 1, 6);
    c0 = test::uniform(directions * batch * hidden, -1, 1, 7);
    for (i64 b = 0; b < batch; ++b) lens.push_back((int32_t)((b * 3 + 2) % (steps + 1)));
  }

  i64 state_size() const { return p.directions * p.batch * p.hidden; }
  i64 y_size() const { return p.steps * state_size(); }

  // y, then h, then c.
  template <class L> std::vector<float> run(bool many, const L &launch, Par par) const {
    PackParams pp = {p.directions, p.hidden, {gates_of[cell], 0}, {0, 0}};
    if (cell == GRU) pp.gates[0] = 2, pp.gates[1] = 1;
    for (int i = 0; i < 2; ++i) pp.vectors[i] = pp.gates[i] ? panel_vectors((int)pp.gates[i], many) : 0;
    std::vector<float> packed(p.directions * packed_size(p.hidden, gates_of[cell], lanes_max));
    pack(pp, r.data(), packed.data());
    test::Guarded<float> y(y_size()), h(state_size()), c(state_size()), work(work_size(p.batch, p.hidden, p.directions));
    launch(packed.data(), y.data(), h.data(), c.data(), work.data(), par);
    EXPECT_TRUE(y.intact() && h.intact() && c.intact() && work.intact()) << "written outside";
    std::vector<float> all(y.data(), y.data() + y_size());
    all.insert(all.end(), h.data(), h.data() + state_size());
    if (cell == LSTM) all.insert(all.end(), c.data(), c.data() + state_size());
    return all;
  }
  template <bool MANY, class F> std::vector<float> run(Par par) const {
    return run(
        MANY,
        [&](const float *w, float *y, float *h, float *c, float *work, Par threads) {
          if (cell == RNN) rnn<MANY, F>(p, x.data(), w, coefficients.data(), h0.data(), lens.data(), y, h, work, threads);
          if (cell == GRU) gru<MANY, F>(p, x.data(), w, rb.data(), coefficients.data(), h0.data(), lens.data(), y, h, work, threads);
          if (cell == GRU_LINEAR)
            gru_linear<MANY, F>(p, x.data(), w, rb.data(), coefficients.data(), h0.data(), lens.data(), y, h, work, threads);
          if (cell == LSTM)
            lstm<MANY, F>(p, x.data(), w, peepholes.data(), coefficients.data(), h0.data(), c0.data(), lens.data(), y, h, c, work, threads);
        },
        par);
  }

  double apply(i64 d, int n, double v) const {
    double alpha = coefficients[6 * d + 2 * n], beta = coefficients[6 * d + 2 * n + 1];
    if (n < 2 && p.clip > 0) v = std::max(-(double)p.clip, std::min((double)p.clip, v));
    switch (p.functions[3 * d + n]) {
    case SIGMOID:
      return 1 / (1 + std::exp(-v));
    case TANH:
      return std::tanh(v);
    case RELU:
      return std::max(0.0, v);
    case AFFINE:
      return alpha * v + beta;
    case LEAKY_RELU:
      return v < 0 ? alpha * v : v;
    case THRESHOLDED_RELU:
      return v >= alpha ? v : 0;
    case SCALED_TANH:
      return alpha * std::tanh(beta * v);
    case HARD_SIGMOID:
      return std::max(0.0, std::min(1.0, alpha * v + beta));
    case ELU:
      return v < 0 ? alpha * std::expm1(v) : v;
    case SOFTSIGN:
      return v / (1 + std::fabs(v));
    default:
      return std::log1p(std::exp(v));
    }
  }

  std::vector<double> truth() const {
    const i64 hidden = p.hidden, gates = gates_of[cell];
    std::vector<double> all(y_size() + (cell == LSTM ? 2 : 1) * state_size());
    for (i64 d = 0; d < p.directions; ++d)
      for (i64 b = 0; b < p.batch; ++b) {
        const i64 at = (d * p.batch + b) * hidden, length = p.has_lens ? lens[b] : p.steps;
        std::vector<double> h(hidden), c(hidden);
        for (i64 i = 0; i < hidden; ++i) h[i] = p.has_h0 ? h0[at + i] : 0, c[i] = p.has_c0 ? c0[at + i] : 0;
        auto dot = [&](i64 gate, i64 row, const std::vector<double> &v) {
          double sum = 0;
          for (i64 k = 0; k < hidden; ++k) sum += (double)r[((d * gates + gate) * hidden + row) * hidden + k] * v[k];
          return sum;
        };
        auto peep = [&](i64 gate, i64 row) { return p.has_peepholes ? (double)peepholes[(3 * d + gate) * hidden + row] : 0.0; };
        for (i64 s = 0; s < length; ++s) {
          const i64 t = p.reverse && d == p.directions - 1 ? length - 1 - s : s;
          auto in = [&](i64 gate, i64 row) { return (double)x[t * p.x_t + b * p.x_b + (d * gates + gate) * hidden + row]; };
          std::vector<double> z(hidden), rh(hidden), next(hidden), old = c;
          if (cell == GRU)
            for (i64 i = 0; i < hidden; ++i) rh[i] = apply(d, 0, in(1, i) + dot(1, i, h)) * h[i];
          for (i64 i = 0; i < hidden; ++i) {
            if (cell == RNN) {
              next[i] = apply(d, 0, in(0, i) + dot(0, i, h));
            } else if (cell == LSTM) {
              double input = apply(d, 0, in(0, i) + dot(0, i, h) + peep(0, i) * old[i]);
              double forget = p.input_forget ? 1 - input : apply(d, 0, in(2, i) + dot(2, i, h) + peep(2, i) * old[i]);
              c[i] = forget * old[i] + input * apply(d, 1, in(3, i) + dot(3, i, h));
              next[i] = apply(d, 0, in(1, i) + dot(1, i, h) + peep(1, i) * c[i]) * apply(d, 2, c[i]);
            } else {
              double update = apply(d, 0, in(0, i) + dot(0, i, h)), n;
              if (cell == GRU)
                n = in(2, i) + dot(2, i, rh);
              else
                n = in(2, i) + apply(d, 0, in(1, i) + dot(1, i, h)) * (dot(2, i, h) + (p.has_rb ? rb[d * hidden + i] : 0.0f));
              next[i] = update * h[i] + (1 - update) * apply(d, 1, n);
            }
          }
          h = next;
          for (i64 i = 0; i < hidden; ++i) all[t * p.y_t + b * p.y_b + d * p.y_d + i] = h[i];
        }
        for (i64 i = 0; i < hidden; ++i) all[y_size() + at + i] = h[i];
        if (cell == LSTM)
          for (i64 i = 0; i < hidden; ++i) all[y_size() + state_size() + at + i] = c[i];
      }
    return all;
  }

  // The products of one step are a chain of `hidden` fused multiply-adds, whose magnitudes sum up to at most 2; a dozen roundings more.
  // Feedback adds up a step's error at most `steps` times, as gates and functions do not magnify.
  void check(const std::vector<float> &got, const char *what) const {
    const std::vector<double> want = truth();
    ASSERT_EQ(got.size(), want.size());
    for (size_t i = 0; i < got.size(); ++i)
      ASSERT_NEAR(got[i], want[i], 0x1p-24 * (2 * (double)p.hidden + 24) * (double)p.steps)
          << what << ": cell " << cell << ", batch " << p.batch << ", hidden " << p.hidden << ", directions " << p.directions << ", at "
          << i;
  }

  template <bool MANY, class F> void check(const char *what) const {
    std::vector<float> got = run<MANY, F>(Par{nullptr}), threaded = run<MANY, F>(Par{&test::three_threads});
    ASSERT_TRUE(got == threaded) << "the split changes the result";
    check(got, what);
  }
  void check_all() const {
    if (cell == RNN) {
      check<false, StandardTanh>("one");
      check<true, StandardTanh>("many");
    } else {
      check<false, Standard>("one");
      check<true, Standard>("many");
    }
    check<true, General>("general");
  }
};

class Recurrent : public testing::TestWithParam<int> {
protected:
  Cell cell() const { return (Cell)GetParam(); }
};

TEST_P(Recurrent, Sizes) {
  for (i64 batch : {1, 2, 5, 7, 13})
    for (i64 hidden : {1, 3, lanes_max - 1, lanes_max, 2 * lanes_max + 1, 7 * lanes_max, 16 * lanes_max + 5})
      Layer(cell(), 4, batch, hidden, 1, false).check_all();
}

TEST_P(Recurrent, Directions) {
  for (i64 directions : {1, 2})
    for (i64 steps : {1, 2, 9}) Layer(cell(), steps, 4, 11, directions, true).check_all();
}

TEST_P(Recurrent, Absent) {
  for (int present = 0; present < 32; ++present) {
    Layer layer(cell(), 3, 3, 10, 2, true);
    layer.p.has_h0 = present & 1, layer.p.has_c0 = present >> 1 & 1, layer.p.has_lens = present >> 2 & 1;
    layer.p.has_rb = layer.p.has_peepholes = present >> 3 & 1, layer.p.input_forget = present >> 4 & 1;
    layer.check_all();
  }
}

TEST_P(Recurrent, Functions) {
  for (int f = SIGMOID; f <= SOFTPLUS; ++f)
    for (float clip : {0.0f, 0.3f}) {
      Layer layer(cell(), 3, 2, 9, 2, true);
      for (i64 i = 0; i < 6; ++i) layer.p.functions[i] = (f + i) % (SOFTPLUS + 1);
      layer.p.clip = clip;
      layer.check<true, General>("functions");
    }
}

TEST_P(Recurrent, LengthsOutsideAreClamped) {
  Layer layer(cell(), 4, 3, 6, 1, true), same = layer;
  layer.lens = {-3, 9, 2};
  same.lens = {0, 4, 2};
  auto got = layer.run<true, General>(Par{nullptr});
  EXPECT_TRUE(got == (same.run<true, General>(Par{nullptr})));
}

INSTANTIATE_TEST_SUITE_P(Cells, Recurrent, testing::Values((int)RNN, (int)GRU, (int)GRU_LINEAR, (int)LSTM));

// The states may stay in one place.
TEST(RecurrentLstm, StatesInPlace) {
  Layer layer(LSTM, 3, 5, 10, 2, true);
  auto want = layer.run<true, Standard>(Par{nullptr});
  auto got = layer.run(
      true,
      [&](const float *w, float *y, float *h, float *c, float *work, Par par) {
        std::copy(layer.h0.begin(), layer.h0.end(), h);
        std::copy(layer.c0.begin(), layer.c0.end(), c);
        lstm<true, Standard>(layer.p, layer.x.data(), w, layer.peepholes.data(), layer.coefficients.data(), h, c, layer.lens.data(), y, h,
                             c, work, par);
      },
      Par{&test::three_threads});
  EXPECT_TRUE(got == want);
}

} // namespace
