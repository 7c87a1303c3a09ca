import {
  EncodedPacket,
  EncodedVideoPacketSource,
  MkvOutputFormat,
  Output,
  StreamTarget,
  type StreamTargetChunk,
} from 'mediabunny';

import type { ColorMatrix, SourceInfo } from '../media/probeSource.ts';
import type { RunningProcess } from '../media/runProcess.ts';
import { push } from './encoder.ts';

/**
 * Joins two VP9 streams, colour and opacity, frame by frame to one Matroska stream with alpha as
 * WebM has it: the opacity travels beside each block, as an addition to it.
 *
 * @param times of the frames, microseconds, each there before its frame; emptied
 * @param muxer reads the stream on its stdin, which is ended after the last frame
 * @returns the number of frames, that of the shorter stream
 * @throws ProcessFailed when the muxer has ended
 */
export async function muxAlpha(
  color: AsyncIterable<Uint8Array>,
  opacity: AsyncIterator<Uint8Array, void, undefined>,
  times: number[],
  { width, height, rate }: SourceInfo,
  matrix: ColorMatrix,
  muxer: RunningProcess,
): Promise<number> {
  const target = new StreamTarget(
    new WritableStream<StreamTargetChunk>({
      write: ({ data }) => push(muxer, data),
    }),
  );
  const output = new Output({ format: new MkvOutputFormat({ appendOnly: true }), target });
  const track = new EncodedVideoPacketSource('vp9');
  output.addVideoTrack(track, { canBeTransparent: true, frameRate: rate.num / rate.den });
  await output.start();
  const decoderConfig = {
    codec: 'vp09.00.10.08',
    codedWidth: width,
    codedHeight: height,
    colorSpace: { primaries: null, transfer: null, matrix, fullRange: false },
  };
  const seconds = rate.den / rate.num;
  let count = 0;
  for await (const data of color) {
    const alpha = (await opacity.next()).value;
    if (alpha === undefined) break;
    const type = isKeyFrame(data) && isKeyFrame(alpha) ? 'key' : 'delta';
    const side = { alpha };
    const start = times.shift()! / 1_000_000;
    count++;
    const packet = new EncodedPacket(data, type, start, seconds, undefined, undefined, side);
    await track.add(packet, { decoderConfig });
  }
  await output.finalize();
  muxer.stdin.end();
  return count;
}

/** VP9's uncompressed header, profile 0: bit 3 shows an older frame again, bit 2 is 0 for a key. */
function isKeyFrame(data: Uint8Array): boolean {
  return (data[0]! & 0b1100) === 0;
}
