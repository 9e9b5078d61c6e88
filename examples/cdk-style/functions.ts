// The functions that machine.ts calls by name.

export const submit = async ({ job }: { job: string }) => ({ id: `id-of-${job}`, seconds: 2 });

export const check = async ({ id }: { id: string }) => {
  const job = id.replace("id-of-", "");
  return job === "broken" ? { job, status: "FAILED" } : { job, status: "DONE", parts: ["a", "b", "c"] };
};

export const notify = async ({ message, job }: { message: string; job: string }) => {
  console.log(`${job}: ${message}`);
};
