//===- DnnCheck.td - conditions on values of the run --------------------------------===//

#ifndef DNNC_DNN_CHECK_TD
#define DNNC_DNN_CHECK_TD

include "DnnBase.td"

def Dnn_CheckOp : Op<Dnn_Dialect, "check", [MemoryEffects<[MemWrite]>]> {
  let summary = "Refuses the run unless every element of a condition is true";
  let description = [{
    A parameter that is computed at run time, such as a shape or an axis, must agree with what the program was compiled for. Where one does
    not, the program returns DNNC_BAD_VALUE and its outputs are not to be trusted. `message` says for people which value was refused.

    ```mlir
    dnn.check %ok, "node 'Reshape_0' (Reshape): input 1 ('shape') does not give [2, 3]" : tensor<2xi1>
    ```
  }];
  let arguments = (ins Dnn_Tensor:$condition, StrAttr:$message);
  let assemblyFormat = "$condition `,` $message attr-dict `:` type($condition)";
  let hasVerifier = 1;
}

#endif
