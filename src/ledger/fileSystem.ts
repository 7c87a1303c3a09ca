import { statfsSync } from 'node:fs';

import { RbgvError } from '../core/errors.ts';

/** File systems on which locks and fsync do not hold across machines (magic numbers of statfs). */
const SHARED: Readonly<Record<number, string>> = {
  0x6969: 'NFS',
  0x517b: 'SMB',
  0xfe534d42: 'SMB',
  0xff534d42: 'CIFS',
  0x65735546: 'FUSE',
  0x01021997: '9P',
};

/**
 * Refuses to keep the ledger where two machines could both believe to hold it.
 *
 * @param type of the file system; default: the folder's own
 * @throws RbgvError `ledger_on_network`
 */
export function refuseSharedFileSystem(folder: string, type = statfsSync(folder).type): void {
  const name = SHARED[type >>> 0];
  if (name === undefined) return;
  throw new RbgvError(
    'ledger',
    'ledger_on_network',
    `the ledger's folder \`${folder}\` is on ${name}`,
    {
      hint: 'nothing was sent or charged; set RBGV_STATE_DIR to a folder on a local disk',
    },
  );
}
