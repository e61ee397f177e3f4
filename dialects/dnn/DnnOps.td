//===- DnnOps.td - operators of the dnn dialect, by family -------------------------===//

include "DnnBounded.td"
include "DnnCompute.td"
include "DnnIndexing.td"
include "DnnLinearAttention.td"
include "DnnMovement.td"
include "DnnNormalize.td"
include "DnnQuantize.td"
include "DnnRecurrent.td"
