import hashlib
import io
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from grader.blobs import BlobDamaged, Blobs
from grader.errors import TooLarge


@pytest.fixture
def blobs(tmp_path) -> Blobs:
    return Blobs(tmp_path / "blobs")


def files(blobs) -> list:
    return [path for path in blobs.folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("content", [b"", b"x = 1\n", bytes(range(256)) * 9000])
def test_comes_back_as_it_was(blobs, content):
    stored = blobs.put(content)
    assert (stored.sha256, stored.size) == (hashlib.sha256(content).hexdigest(), len(content))
    assert blobs.get(stored.sha256) == content
    assert stored.sha256 in blobs


def test_same_content_is_stored_once_and_read_only(blobs):
    with ThreadPoolExecutor(8) as pool:
        stored = set(pool.map(lambda _: blobs.put(io.BytesIO(b"same")), range(20)))
    (path,) = files(blobs)
    assert len(stored) == 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o400


def test_too_large_leaves_nothing(blobs):
    with pytest.raises(TooLarge):
        blobs.put(io.BytesIO(b"x" * 3_000_000), limit=2_999_999)
    assert files(blobs) == []
    assert blobs.put(b"x" * 3_000_000, limit=3_000_000).size == 3_000_000


def test_stream_that_breaks_leaves_nothing(blobs):
    class Broken(io.BytesIO):
        def read(self, size=-1):
            raise ConnectionError

    with pytest.raises(ConnectionError):
        blobs.put(Broken())
    assert files(blobs) == []


def test_damage_is_noticed(blobs):
    stored = blobs.put(b"x = 1")
    (path,) = files(blobs)
    path.chmod(0o600)
    path.write_bytes(b"x = 2")
    with pytest.raises(BlobDamaged, match="changed"):
        blobs.get(stored.sha256)
    path.unlink()
    with pytest.raises(BlobDamaged, match="gone"):
        blobs.get(stored.sha256)


@pytest.mark.parametrize("name", ["", "../secret_key", "A" * 64, "a" * 63])
def test_what_is_no_hash_is_never_a_path(blobs, name):
    with pytest.raises(ValueError, match="SHA-256"):
        blobs.get(name)
