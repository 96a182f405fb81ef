/** 25 MB of script and data is a folder to open, not a drop. Here without a schema, so that the page knows it too. */
export const LARGEST_UPLOAD_BYTES = 25_000_000
