"""The main program of a Python function's process.

Loads the handler, then asks the Lambda runtime API for one invocation after the other, and answers as Lambda's Python
runtime does. Only the standard library; started by Stepwell.
"""

import decimal
import http.client
import importlib
import json
import logging
import os
import sys
import threading
import time
import traceback

PREFIX = "/2018-06-01/runtime"
HANDLER_FILE = os.environ.pop("STEPWELL_HANDLER_FILE")
HANDLER_NAME = os.environ.pop("STEPWELL_HANDLER_NAME")
TOKEN = os.environ.pop("STEPWELL_RUNTIME_TOKEN")
TASK_ROOT = os.path.dirname(HANDLER_FILE)


class Fault(Exception):
    """An error of the runtime, not of the handler: it has a name of its own and no traceback."""

    def __init__(self, error_type, message, stack_trace=None):
        super().__init__(message)
        self.error_type = error_type
        self.message = message
        self.stack_trace = stack_trace or []


class RuntimeApi:
    """The server's side of the conversation. A connection that breaks means that the server is gone."""

    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self.connection = http.client.HTTPConnection(host, int(port))

    def call(self, method, path, body=None, headers=None):
        if isinstance(body, str):
            body = body.encode("utf-8")
        every = {"stepwell-runtime-token": TOKEN, **(headers or {})}
        self.connection.request(method, PREFIX + path, body=body, headers=every)
        response = self.connection.getresponse()
        return response, response.read()

    def post_error(self, path, error):
        headers = {"content-type": "application/json", "lambda-runtime-function-error-type": "Unhandled"}
        self.call("POST", path, to_json(error), headers)


class JsonEncoder(json.JSONEncoder):
    """Characters as they are, blanks after ',' and ':', decimals as numbers."""

    def __init__(self):
        super().__init__(ensure_ascii=False)

    def default(self, o):
        if isinstance(o, decimal.Decimal):
            return int(o) if o.is_finite() and o == o.to_integral_value() else float(o)
        return super().default(o)


def to_json(value):
    return JsonEncoder().encode(value)


class Record:
    """An object with the members given, None where there are none."""

    def __init__(self, names, values):
        for name in names:
            setattr(self, name, (values or {}).get(name))


class LambdaContext:
    def __init__(self, headers):
        environ = os.environ
        self.aws_request_id = headers.get("lambda-runtime-aws-request-id")
        self.log_group_name = environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.function_name = environ.get("AWS_LAMBDA_FUNCTION_NAME")
        self.memory_limit_in_mb = environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.function_version = environ.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.invoked_function_arn = headers.get("lambda-runtime-invoked-function-arn")
        self.client_context = self._client_context(headers.get("lambda-runtime-client-context"))
        self.identity = Record(["cognito_identity_id", "cognito_identity_pool_id"], None)
        self._deadline_ms = int(headers.get("lambda-runtime-deadline-ms"))

    @staticmethod
    def _client_context(text):
        if not text:
            return None
        values = json.loads(text)
        context = Record(["custom", "env", "client"], values)
        names = ["installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name"]
        context.client = None if context.client is None else Record(names, context.client)
        return context

    def get_remaining_time_in_millis(self):
        return max(0, self._deadline_ms - int(time.time() * 1000))

    def log(self, message):
        sys.stdout.write(str(message))


class CurrentRequest(logging.Filter):
    """Puts the request's id into every log record."""

    request_id = ""

    def filter(self, record):
        record.aws_request_id = self.request_id
        return True


def set_up_logging():
    current = CurrentRequest()
    handler = logging.StreamHandler(sys.stdout)
    form = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s"
    formatter = logging.Formatter(form, "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    handler.addFilter(current)
    logging.getLogger().addHandler(handler)
    return current


def load_handler():
    module_name = os.path.splitext(os.path.basename(HANDLER_FILE))[0]
    # The directory of this program is where the handler must not find anything.
    sys.path[:] = [TASK_ROOT] + [entry for entry in sys.path if entry != os.path.dirname(__file__)]
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        raise Fault("Runtime.ImportModuleError", f"Unable to import module '{module_name}': {error}") from error
    except SyntaxError as error:
        place = f'  File "{deployed_path(error.filename or "")}" Line {error.lineno}\n    {error.text}'
        message = f"Syntax error in module '{module_name}': {error}"
        raise Fault("Runtime.UserCodeSyntaxError", message, [place]) from error
    try:
        return getattr(module, HANDLER_NAME)
    except AttributeError as error:
        message = f"Handler '{HANDLER_NAME}' missing on module '{module_name}'"
        raise Fault("Runtime.HandlerNotFound", message) from error


def deployed_path(filename):
    """A caller sees where code lies on Lambda; what is printed keeps the places of this machine."""
    if filename.startswith(TASK_ROOT + os.sep):
        return "/var/task/" + filename[len(TASK_ROOT) + 1 :].replace(os.sep, "/")
    return filename


def frames_of_handler(error):
    frames = traceback.extract_tb(error.__traceback__)
    while frames and frames[0].filename == __file__:
        frames = frames[1:]
    return frames


def describe(error, request_id):
    """The payload of a failed invocation."""
    if isinstance(error, Fault):
        kind, message, stack = error.error_type, error.message, error.stack_trace
    else:
        kind, message = type(error).__name__, str(error)
        tuples = [(deployed_path(f.filename), f.lineno, f.name, f.line) for f in frames_of_handler(error)]
        stack = traceback.format_list(tuples)
    return {"errorMessage": message, "errorType": kind, "requestId": request_id, "stackTrace": stack}


def report(error):
    """For the log: with the places of this machine."""
    if isinstance(error, Fault):
        sys.stderr.write(f"[ERROR] {error.error_type}: {error.message}\n")
    else:
        lines = traceback.format_list(frames_of_handler(error))
        sys.stderr.write(f"[ERROR] {type(error).__name__}: {error}\n" + "".join(lines))


def unmarshal(body):
    try:
        return json.loads(body)
    except ValueError as error:
        raise Fault("Runtime.UnmarshalError", f"Unable to unmarshal input: {error}") from error


def marshal(result):
    # Bytes are the payload itself.
    if isinstance(result, bytes):
        return result
    try:
        return to_json(result)
    except Exception as error:
        raise Fault("Runtime.MarshalError", f"Unable to marshal response: {error}") from error


def handle_once(api, handler, current):
    response, body = api.call("GET", "/invocation/next")
    if response.status != 200:
        raise ConnectionError(f"the runtime API answered {response.status}")
    request_id = response.headers["lambda-runtime-aws-request-id"]
    current.request_id = request_id
    os.environ["_X_AMZN_TRACE_ID"] = response.headers.get("lambda-runtime-trace-id", "")
    try:
        result = marshal(handler(unmarshal(body), LambdaContext(response.headers)))
    except Exception as error:
        report(error)
        api.post_error(f"/invocation/{request_id}/error", describe(error, request_id))
    else:
        api.call("POST", f"/invocation/{request_id}/response", result, {"content-type": "application/json"})


def end_with_server():
    """File descriptor 3 closes when the server ends, however it ends."""
    os.read(3, 1)
    os._exit(1)


def main():
    threading.Thread(target=end_with_server, daemon=True).start()
    version = sys.version_info
    os.environ["AWS_EXECUTION_ENV"] = f"AWS_Lambda_python{version.major}.{version.minor}"
    # Code is not compiled into the user's directory: on Lambda it cannot be either.
    sys.dont_write_bytecode = True
    current = set_up_logging()
    api = RuntimeApi(os.environ["AWS_LAMBDA_RUNTIME_API"])
    try:
        try:
            handler = load_handler()
        except Exception as error:
            report(error)
            api.post_error("/init/error", describe(error, ""))
            sys.exit(1)
        while True:
            handle_once(api, handler, current)
    except (OSError, http.client.HTTPException) as error:
        sys.stderr.write(f"The runtime API is gone: {error}\n")
        sys.exit(1)


main()
