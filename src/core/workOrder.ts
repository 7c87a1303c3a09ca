/** In which order clips are begun. */
export const WORK_ORDERS = ['longest', 'name', 'size', 'given'] as const;
export type WorkOrder = (typeof WORK_ORDERS)[number];
