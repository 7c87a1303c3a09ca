/** Compiles the kernels and writes them as a module, so that sources, bundle and threads find them. */
import { writeFileSync } from 'node:fs';

import asc from 'assemblyscript/asc';

const TO = 'src/matting/kernels/binary.ts';

const { error, stderr } = await asc.main(
  'src/matting/kernels/assembly/index.ts --outFile kernels.wasm -O3 --converge --noAssert --runtime stub --enable simd'.split(
    ' ',
  ),
  {
    writeFile(_name, contents) {
      const base64 = Buffer.from(contents).toString('base64');
      writeFileSync(
        TO,
        `/** Made by \`kernels/build.js\`. */\nexport const BINARY =\n  '${base64}';\n`,
      );
    },
  },
);
if (error !== null) {
  process.stderr.write(stderr.toString());
  process.exitCode = 1;
}
