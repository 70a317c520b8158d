"""Score a collection of files on a Dask cluster.

Reads all that sentiment-repl --input reads, local or at any address that fsspec knows, and writes
Parquet: all columns, then label, confidence, uncertain and probabilities. Without --scheduler, a
cluster of one process for each core runs on this machine.

Rows. A text that is missing, or has no known word, gets a null label. So does a row that can't be
read; its columns are null as far as nothing of it can be told apart. The last line accounts for
every row. Files other than Parquet have columns of strings in the output.

Restart. An output file appears when it is complete. After any end, the same command goes on: it
keeps the output files that have the same model, options, version of the program and input file.
Only one run may write to a folder at a time. The metadata of each output file has, under
"sentiment_repl", the SHA-256 of the model's manifest.json.

Partitions. A partition has about 16 MB of a file, and becomes one output file. A worker holds only
a part of it in memory. Files other than Parquet are first converted in .parts/ of the output
folder, also after a restart.

Cluster. Workers need this program with the extra "cluster", and the same paths: a shared disk, or
addresses such as 's3://bucket/*.parquet' and the library that fsspec asks for. Credentials come
from the environment of each worker. The model is sent to them. Use one thread a process:

  dask scheduler
  dask worker --nworkers auto --nthreads 1 tcp://HOST:8786
  python -m sentiment_repl.cluster 'in/*.parquet' --output out/ --scheduler tcp://HOST:8786

Exit status: 0 done; 1 the work failed, or a row could not be read in full; 2 wrong usage, or a
model folder that can't be used; 130 interrupted.
"""

import argparse
import hashlib

from sentiment_repl import model_folder, program, runtime
from sentiment_repl.cli import add_model_options
from sentiment_repl.errors import Exit
from sentiment_repl.files.columns import TEXT_NAMES, WantedColumn


def main() -> int:
    """Run the program and return its exit code."""
    args = _parser().parse_args()
    files = model_folder.read_model(model_folder.locate(args.model, args.artifacts))
    manifest = (files.folder / model_folder.MANIFEST).read_bytes()
    runtime.limit_blas_threads()
    # After the arguments have been checked: Dask takes a second to import.
    from sentiment_repl.cluster import run
    from sentiment_repl.cluster.partitions import Job
    from sentiment_repl.cluster.scoring import ModelPlugin

    output = run.full_address(args.output)
    text = WantedColumn("text", "--column", TEXT_NAMES, args.column)
    job = Job(hashlib.sha256(manifest).hexdigest(), not args.no_neutral, text, output)
    found = [address for pattern in args.files for address in run.find_files(pattern)]
    try:
        with run.connect(args.scheduler, args.workers) as client:
            return run.score_files(client, list(dict.fromkeys(found)), job, ModelPlugin(files, job))
    except KeyboardInterrupt:
        return program.report(f"interrupted; the same command goes on: {output}", Exit.INTERRUPTED)


def _parser() -> argparse.ArgumentParser:
    parser = program.Parser(
        prog=program.program_name(),
        description=__doc__,
        epilog=f"To install the libraries: {program.install_command('cluster')}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("files", metavar="FILE", nargs="+", help="files, addresses, or patterns such as 'in/*.csv'")
    add("--output", metavar="DIR", required=True, help="the folder of the output, or its address")
    add("--column", metavar="NAME", help="the column with the text (default: a usual name)")
    add = parser.add_mutually_exclusive_group().add_argument
    add("--scheduler", metavar="ADDRESS", help="a Dask scheduler, such as tcp://host:8786")
    add("--workers", metavar="N", type=program.positive_int, help="processes on this machine")
    add_model_options(parser)
    return parser


if __name__ == "__main__":
    program.run_program(main, extra="cluster")
