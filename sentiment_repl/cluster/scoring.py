"""One partition: read its rows, classify them, write them with their predictions."""

import json
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import NamedTuple

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
from distributed import Worker, WorkerPlugin, get_worker
from fsspec.core import url_to_fs

from sentiment_repl import __version__, runtime
from sentiment_repl.classifier import Classifier, build_classifier
from sentiment_repl.cluster.partitions import PARTS, Job, Partition, join_tables
from sentiment_repl.files.writers import ADDED, free_names
from sentiment_repl.model_folder import ModelFiles

METADATA = b"sentiment_repl"
"""The key of an output file's metadata. Its value is a JSON object."""

# A batch stays below the size from which the classifier starts a second thread.
_BATCH_ROWS, _BATCH_BYTES = 1024, 2**21
_ROW_GROUP_BYTES = 2**23
_BUFFER = 2**20  # bytes that are read at once from a column
_KEPT_BLOCK = 2**24  # bytes up to which freed memory is kept for the next batch


class ModelPlugin(WorkerPlugin):
    """Loads a model once in each worker, also in one that starts later.

    :param files: the content of the model folder. It is sent to the workers.
    """

    def __init__(self, files: ModelFiles, job: Job) -> None:
        self.name = f"sentiment-repl-{uuid.uuid4().hex}"  # other runs have their own
        self.files, self.job = files, job
        self.classifier: Classifier

    def setup(self, worker: Worker) -> None:
        """Build the classifier. Dask calls it when the plugin arrives at a worker."""
        runtime.keep_freed_memory(_KEPT_BLOCK)
        self.classifier = build_classifier(self.files, neutral=self.job.neutral)
        del self.files


class Score(NamedTuple):
    """What became of the rows of a partition."""

    labels: dict[str, int]
    """How many rows have each label; an empty string stands for none."""
    kept: bool
    """Whether the output was there already."""


def score_partition(partition: Partition, plugin_name: str) -> Score:
    """Write the output of a partition, unless it is there already."""
    # A file that is missing, damaged or of other software is written once more.
    with suppress(OSError, pa.ArrowInvalid, KeyError, TypeError, ValueError):
        with fsspec.open(partition.output, "rb") as file:
            about = json.loads(pq.read_metadata(file).metadata[METADATA])
        if about["key"] == partition.key:
            # A worker of this run may have written it, and died before it could tell.
            return Score(about["labels"], kept=about["run"] != plugin_name)
    plugin = get_worker().plugins[plugin_name]
    labels: Counter[str] = Counter()
    fs, target = url_to_fs(partition.output)
    part = f"{target.rpartition('/')[0]}/{PARTS}/{uuid.uuid4().hex}.parquet"
    with fsspec.open(partition.file, "rb") as file, fs.open(part, "wb") as sink:
        source = pq.ParquetFile(file, buffer_size=_BUFFER)
        schema = _output_schema(source.schema_arrow, partition, plugin.classifier)
        batches = _read_batches(source, partition.rows)
        tables = _score_batches(batches, partition.text, schema, plugin.classifier)
        with pq.ParquetWriter(sink, schema) as writer:
            for table in join_tables(tables, _ROW_GROUP_BYTES):
                writer.write_table(table)
                labels.update(one or "" for one in table.column(len(schema) - 4).to_pylist())
            about = {"model": plugin.job.model, "neutral": plugin.job.neutral}
            about |= {"version": __version__, "source": partition.source, "key": partition.key}
            about |= {"run": plugin_name, "labels": labels}
            writer.add_key_value_metadata({METADATA: json.dumps(about)})
    fs.mv(part, target)  # the name appears when the content is complete
    return Score(dict(labels), kept=False)


def _output_schema(source: pa.Schema, partition: Partition, classifier: Classifier) -> pa.Schema:
    fields = list(source)
    if partition.file != partition.source:
        fields.pop(partition.text)
    probabilities = pa.struct([(label, pa.float64()) for label in classifier.labels])
    types = pa.string(), pa.float64(), pa.bool_(), probabilities
    names = free_names([field.name for field in fields], [*ADDED, "probabilities"])
    return pa.schema([*fields, *map(pa.field, names, types)], source.metadata)


def _score_batches(
    batches: Iterable[pa.RecordBatch], text: int, schema: pa.Schema, classifier: Classifier
) -> Iterator[pa.Table]:
    """Yield rows with their predictions.

    :param text: the index of the column with the text.
    """
    for batch in batches:
        predictions = classifier.classify_batch(_texts(batch.column(text)))
        added = zip(*((p.label, p.confidence, p.uncertain, p.probabilities) for p in predictions))
        yield pa.table([*batch.columns[: len(schema) - 4], *added], schema=schema)


def _read_batches(source: pq.ParquetFile, rows: range) -> Iterator[pa.RecordBatch]:
    """Yield a range of the rows of a Parquet file, in batches bounded by rows and bytes."""
    first = 0
    for index in range(source.num_row_groups):
        group = source.metadata.row_group(index)
        end = first + group.num_rows
        if first < rows.stop and rows.start < end:
            fitting = _BATCH_BYTES * group.num_rows // group.total_byte_size
            for batch in source.iter_batches(max(1, min(fitting, _BATCH_ROWS)), [index]):
                wanted = batch[max(0, rows.start - first) : max(0, rows.stop - first)]
                if len(wanted):
                    yield wanted
                first += len(batch)
        first = end


def _texts(column: pa.Array) -> list[str | None]:
    """Return the texts of a column. Nobody has checked that the strings of a file are UTF-8."""
    texts = column.cast(pa.large_binary()).to_pylist()
    return [None if text is None else text.decode(errors="backslashreplace") for text in texts]
