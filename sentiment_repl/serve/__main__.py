"""Serve predictions over HTTP, as TensorFlow Serving and Vertex AI's containers do.

  curl http://127.0.0.1:8080/v1/models/default:predict \\
      -d '{"instances": ["what a lovely day", {"text": "worst queue ever"}]}'

GET /v1/models/default is the health check. GET /openapi.json describes the service.
SIGTERM and Ctrl-C end the service when the requests that have begun are answered.
"""

import argparse
import os
import sys
from functools import partial

from sentiment_repl import model_folder, program, runtime
from sentiment_repl.cli import add_model_options, load_classifier
from sentiment_repl.errors import Exit, UsageError
from sentiment_repl.serve.settings import Settings

_DEFAULTS = Settings()
_EPILOG = """\
The environment variables of Vertex AI name other defaults: AIP_HTTP_PORT,
AIP_PREDICT_ROUTE and AIP_HEALTH_ROUTE. In a container, add --host 0.0.0.0.

Whoever reaches the port may use the service. Let other machines reach it through a
reverse proxy only: sentiment_repl/serve/README.md shows one.

Exit status: 0 ended by SIGTERM; 1 the address can't be used; 2 wrong usage, or a model
folder that can't be used; 130 ended by Ctrl-C."""


def main() -> int:
    """Run the service and return its exit code."""
    args = _parse_arguments()
    settings = Settings(
        predict_path=_path("AIP_PREDICT_ROUTE", _DEFAULTS.predict_path),
        health_path=_path("AIP_HEALTH_ROUTE", _DEFAULTS.health_path),
        max_body=args.max_body,
        max_instances=args.max_instances,
        max_requests=args.max_requests,
        delay=args.delay / 1000,
    )
    # uvicorn handles SIGTERM while it runs, and raises it again when it has ended.
    with runtime.on_termination(lambda: sys.exit(Exit.DONE)):
        files = model_folder.read_model(model_folder.locate(args.model, args.artifacts))
        classifier = load_classifier(files, neutral=not args.no_neutral)

        from sentiment_repl.serve.app import build_app
        from sentiment_repl.serve.server import build_server, listen

        server = build_server(build_app(classifier.classify_batch, settings), settings)
        with listen(args.host, args.port) as listener:
            host = f"[{args.host}]" if ":" in args.host else args.host
            port = listener.getsockname()[1]
            program.report(f"listening on http://{host}:{port}{settings.predict_path}")
            server.run([listener])
    return Exit.DONE


def _parse_arguments() -> argparse.Namespace:
    parser = program.Parser(
        prog=program.program_name(),
        description=__doc__,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="the address to listen on (default: %(default)s)")
    add(
        "--port",
        type=partial(program.parse_int, at_least=0, at_most=65_535),
        default=os.environ.get("AIP_HTTP_PORT") or "8080",
        help="the port; 0 takes a free one (default: %(default)s)",
    )
    add_model_options(parser)
    bounds = {
        "body": "bytes of a request",
        "instances": "texts of a request",
        "requests": "requests that are read or answered at the same time",
    }
    for name, help in bounds.items():
        default = getattr(_DEFAULTS, f"max_{name}")
        help = f"the most {help} (default: {default})"
        add(f"--max-{name}", metavar="N", type=program.positive_int, default=default, help=help)
    add(
        "--delay",
        metavar="MS",
        type=partial(program.parse_int, at_least=0, at_most=1000),
        default=round(1000 * _DEFAULTS.delay),
        help="milliseconds that a request waits for others, so that one batch answers them "
        "(default: %(default)s)",
    )
    return parser.parse_args()


def _path(variable: str, default: str) -> str:
    path = os.environ.get(variable) or default
    if not path.startswith("/") or "{" in path:
        raise UsageError(f"{variable} is {path!r}: it must start with / and have no {{")
    return path


if __name__ == "__main__":
    program.run_program(main, "serve")
