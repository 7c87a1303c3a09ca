/** A rectangle of a grid; `right` and `bottom` are exclusive. */
@unmanaged
export class Region {
  left: i32;
  top: i32;
  right: i32;
  bottom: i32;
}

/** Addresses of planes; `luma` is that on the chroma grid. */
@unmanaged
export class Picture {
  y: usize;
  u: usize;
  v: usize;
  luma: usize;
}
