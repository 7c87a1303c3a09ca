/** A matting model of the user's own, as `rbgv engine use` took it on. */
export interface LearnedModel {
  /** Absolute path of the ONNX file. */
  readonly path: string;
  /** Hex digest of the file when it was taken on. */
  readonly sha256: string;
  /** Absolute path of the folder of the onnxruntime-node package that was found. */
  readonly runtime: string;
}
