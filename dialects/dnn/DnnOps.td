//===- DnnOps.td - operators of the dnn dialect, by family -------------------------===//

include "DnnCheck.td"
include "DnnAttention.td"
include "DnnBounded.td"
include "DnnCompute.td"
include "DnnControl.td"
include "DnnIndexing.td"
include "DnnLinearAttention.td"
include "DnnMovement.td"
include "DnnNormalize.td"
include "DnnQuantize.td"
include "DnnRecurrent.td"
include "DnnSpatial.td"
