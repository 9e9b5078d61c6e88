/** Errors in S3's own words, for stores that are not S3. */
import { type ObjectName, ObjectStoreError } from "@stepwell/engine";

type Place = Partial<ObjectName> & { readonly bucket: string };

export function noSuchKey({ bucket, key }: Place, cause?: unknown): ObjectStoreError {
  const details = { bucket, ...(key === undefined ? {} : { key }), statusCode: 404, cause };
  return new ObjectStoreError("NoSuchKey", "The specified key does not exist.", details);
}

export function noSuchBucket(bucket: string, cause?: unknown): ObjectStoreError {
  const details = { bucket, statusCode: 404, cause };
  return new ObjectStoreError("NoSuchBucket", "The specified bucket does not exist", details);
}

export function noSuchVersion(place: ObjectName): ObjectStoreError {
  return new ObjectStoreError("NoSuchVersion", "The specified version does not exist.", { ...place, statusCode: 404 });
}

export function noSuchUpload(place: ObjectName, cause?: unknown): ObjectStoreError {
  const message =
    "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.";
  return new ObjectStoreError("NoSuchUpload", message, { ...place, statusCode: 404, cause });
}

export function accessDenied(place: Place, cause?: unknown): ObjectStoreError {
  return new ObjectStoreError("AccessDenied", "Access Denied", { ...place, statusCode: 403, cause });
}

export function invalidRequest(message: string, place: Place, cause?: unknown): ObjectStoreError {
  return new ObjectStoreError("InvalidRequest", message, { ...place, statusCode: 400, cause });
}

export function preconditionFailed(place: Place): ObjectStoreError {
  const message = "At least one of the pre-conditions you specified did not hold";
  return new ObjectStoreError("PreconditionFailed", message, { ...place, statusCode: 412 });
}

export function invalidRange(place: Place): ObjectStoreError {
  return new ObjectStoreError("InvalidRange", "The requested range is not satisfiable", { ...place, statusCode: 416 });
}

export function unavailable(message: string, place: Place, cause?: unknown): ObjectStoreError {
  return new ObjectStoreError("Unavailable", message, { ...place, cause });
}

/** What a file system said, as the store says it. */
export function fromFileSystem(thrown: unknown, place: Place): ObjectStoreError {
  if (thrown instanceof ObjectStoreError) return thrown;
  const error = thrown as NodeJS.ErrnoException;
  switch (error.code) {
    case "ENOENT":
    case "ENOTDIR":
    case "EISDIR":
    case "ELOOP":
      return noSuchKey(place, error);
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return accessDenied(place, error);
    case "ENAMETOOLONG":
      return new ObjectStoreError("KeyTooLongError", "Your key is too long", {
        ...place,
        statusCode: 400,
        cause: error,
      });
    default:
      return unavailable(`The file cannot be read or written: ${error.message}`, place, error);
  }
}
