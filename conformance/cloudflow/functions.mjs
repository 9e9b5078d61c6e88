export async function double({ n }) {
  if (n > 100) {
    const error = new Error(`${n} is too big`);
    error.name = "TooBig";
    throw error;
  }
  return { doubled: 2 * n };
}
