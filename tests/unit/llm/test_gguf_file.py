"""GGUF headers: what is sound is understood, whatever else ends in one sentence never in anything worse."""

import ctypes
import struct
import tracemalloc
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llm.errors import ModelFileError
from llm.gguf_file import GgufHeader, choose_context, memory_needed, read_header
from llm.gguf_format import TENSOR_TYPES
from tests.support.tiny_gguf import CHAT_TEMPLATE, write_tiny_gguf


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_gguf(tmp_path_factory.mktemp("gguf") / "tiny.gguf")


@pytest.fixture(scope="module")
def sound(tiny: Path) -> bytes:
    return tiny.read_bytes()


@pytest.fixture
def forged(tmp_path: Path) -> Path:
    return tmp_path / "forged.gguf"


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value)) + value.encode()


def output_tensor(
    *, dimension_count: int = 2, columns: int = 64, kind: int = 0, offset: int = 64 * 356 * 4
) -> bytes:
    fields = struct.pack("<IQQIQ", dimension_count, columns, 356, kind, offset)
    return text("output.weight") + fields


def test_a_sound_file_is_understood(tiny: Path) -> None:
    header = read_header(tiny)
    assert (header.architecture, header.name, header.quantisation) == ("llama", "tiny", "F32")
    assert (header.n_ctx_train, header.n_layer, header.n_embd, header.n_head) == (4096, 2, 64, 4)
    assert (header.n_head_kv, header.n_embd_head_k, header.n_embd_head_v) == ((2, 2), 16, 16)
    assert header.n_vocab == 356
    assert header.tensor_bytes == 4 * header.n_params
    assert header.chat_template == CHAT_TEMPLATE
    assert header.file_size == tiny.stat().st_size


def test_the_tensor_types_are_those_of_the_runtime() -> None:
    import llama_cpp

    folder = Path(llama_cpp.__file__).parent / "lib"
    library = ctypes.CDLL(str(next(folder.glob("*ggml-base*"))))
    library.ggml_type_name.restype = ctypes.c_char_p
    library.ggml_type_size.restype = ctypes.c_size_t
    library.ggml_blck_size.restype = ctypes.c_int64
    for kind, (name, block, size) in TENSOR_TYPES.items():
        assert library.ggml_type_name(kind).decode().upper() == name
        assert (library.ggml_blck_size(kind), library.ggml_type_size(kind)) == (block, size)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"GGUF", b"GGML", "is not a GGUF file"),
        (b"GGUF\x03\0\0\0", b"GGUF\0\0\0\x03", "big-endian"),
        (b"GGUF\x03\0\0\0", b"GGUF\x01\0\0\0", "version 1"),
        (b"GGUF\x03\0\0\0", b"GGUF\x63\0\0\0", "version 99"),
        (text("general.architecture"), text("general.architectura"), "'general.architecture' is missing"),
        (text("llama.block_count"), text("llama.block_coont"), "'llama.block_count' is missing"),
        (text("tokenizer.ggml.tokens"), text("tokenizer.ggml.tokenz"), "'tokenizer.ggml.tokens' is missing"),
        (text("llama.context_length"), text("llama.embedding_leng"), "'llama.context_length' is missing"),
        (text("blk.0.attn_q.weight"), text("blk.0.attn_k.weight"), "same name"),
        (output_tensor(), output_tensor(offset=2**63), "overlap"),
        (output_tensor(), output_tensor(offset=64 * 356 * 4 + 32), "leave gaps"),
        (output_tensor(), output_tensor(kind=33), "tensor type 33"),
        (output_tensor(), output_tensor(dimension_count=9), "9 dimensions"),
        (output_tensor(), output_tensor(columns=2**61), "shape"),
        (output_tensor(), output_tensor(columns=0), "shape"),
        (output_tensor(), output_tensor(kind=14), "shape"),
    ],
)
def test_a_forged_header_is_named(sound: bytes, forged: Path, old: bytes, new: bytes, reason: str) -> None:
    assert old in sound
    forged.write_bytes(sound.replace(old, new, 1))
    with pytest.raises(ModelFileError, match=reason):
        read_header(forged)


def test_a_header_without_its_end_is_named(sound: bytes, forged: Path) -> None:
    forged.write_bytes(sound[:500])
    with pytest.raises(ModelFileError, match="truncated: it ends inside its header"):
        read_header(forged)


def test_a_file_without_its_end_says_how_much_is_missing(sound: bytes, forged: Path) -> None:
    forged.write_bytes(sound[:-1])
    with pytest.raises(ModelFileError, match=f"need {len(sound)} bytes but the file has {len(sound) - 1}"):
        read_header(forged)


@pytest.mark.parametrize("field", [struct.pack("<QQ", 2**40, 3), struct.pack("<QQ", 1, 2**50)])
def test_absurd_counts_are_refused_at_once(forged: Path, field: bytes) -> None:
    forged.write_bytes(b"GGUF" + struct.pack("<I", 3) + field + bytes(1000))
    with pytest.raises(ModelFileError, match="claims"):
        read_header(forged)


@pytest.mark.parametrize(
    "value",
    [
        struct.pack("<IQ", 8, 2**40),
        struct.pack("<IIQ", 9, 8, 2**40),
        struct.pack("<IIQ", 9, 4, 2**62),
        struct.pack("<IIQ", 9, 9, 3),
        struct.pack("<IIQ", 9, 8, 100) + struct.pack("<Q", 2**63),
        struct.pack("<I", 77),
    ],
)
def test_absurd_fields_cost_neither_time_nor_memory(forged: Path, value: bytes) -> None:
    forged.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + text("x") + value + bytes(1000))
    tracemalloc.start()
    with pytest.raises(ModelFileError):
        read_header(forged)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * 2**20


def test_a_part_of_a_split_model_is_named(tmp_path: Path) -> None:
    import gguf

    path = tmp_path / "model-00001-of-00003.gguf"
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_uint16("split.count", 3)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    with pytest.raises(ModelFileError, match="one of 3 parts"):
        read_header(path)


@pytest.mark.parametrize("kind", ["adapter", "mmproj"])
def test_what_is_not_a_model_is_named(tmp_path: Path, kind: str) -> None:
    import gguf

    path = tmp_path / "other.gguf"
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_type(kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    with pytest.raises(ModelFileError, match=f"holds '{kind}', not a model"):
        read_header(path)


@pytest.mark.parametrize("content", [b"", b"GG", b"GGUF", b"%PDF-1.7 hello", bytes(64)])
def test_other_files_are_refused(forged: Path, content: bytes) -> None:
    forged.write_bytes(content)
    with pytest.raises(ModelFileError):
        read_header(forged)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.gguf", tmp_path):
        with pytest.raises(ModelFileError, match="cannot be read"):
            read_header(path)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_mutated_header_is_read_or_refused(sound: bytes, forged: Path, data: st.DataObject) -> None:
    header_end = sound.index(b"output_norm.weight") + 200
    mutated = bytearray(sound)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, header_end))
        piece = data.draw(
            st.one_of(
                st.binary(min_size=1, max_size=12),
                st.sampled_from([b"\xff" * 8, b"\0" * 8, struct.pack("<Q", 2**31), struct.pack("<I", 9)]),
            )
        )
        mutated[place : place + len(piece)] = piece
    forged.write_bytes(mutated[: data.draw(st.sampled_from([len(mutated), header_end, 100, 4096]))])
    # Any other exception fails the test.
    with suppress(ModelFileError):
        assert isinstance(read_header(forged), GgufHeader)


def test_memory_grows_with_the_context_by_its_keys_and_values(tiny: Path) -> None:
    header = read_header(tiny)
    # 2 layers of 2 heads, a key and a value of 16 numbers each, in 16 bits.
    assert memory_needed(header, 2000) - memory_needed(header, 1000) == 1000 * 2 * 2 * (16 + 16) * 2


@pytest.mark.parametrize(("n_ctx_train", "available", "chosen"), [
    (512, 2**40, 512),
    (32_768, 2**40, 8192),
    (32_768, 0, 2048),
    (6000, 0, 3000),
])  # fmt: skip
def test_the_context_suits_model_and_memory(
    tmp_path: Path, n_ctx_train: int, available: int, chosen: int
) -> None:
    header = read_header(write_tiny_gguf(tmp_path / "m.gguf", n_ctx_train=n_ctx_train))
    assert choose_context(header, available) == chosen
