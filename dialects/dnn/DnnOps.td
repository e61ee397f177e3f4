//===- DnnOps.td - operators of the dnn dialect, by family -------------------------===//

include "DnnCompute.td"
include "DnnControl.td"
include "DnnIndexing.td"
include "DnnMovement.td"
include "DnnNormalize.td"
include "DnnQuantize.td"
