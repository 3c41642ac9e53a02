// The same module for `import`: one copy of everything, so that an error is an instance of the same class whichever way in.
import cardmint from "./index.cjs";

export const {
  BlockingJob,
  BlockingStream,
  CardmintError,
  DeniedError,
  Engine,
  FaultError,
  InvalidError,
  Job,
  Stream,
  Tenant,
  createKeyring,
  forgetKey,
  open,
  operations,
  retireKey,
  rotateKeyring,
  version,
} = cardmint;
