"""Every kind of bad archive gets its own clear error, and good ones come out whole."""

from __future__ import annotations

import gzip
import io
import stat
import struct
import subprocess
import tarfile
import zipfile
import zlib

import pytest

from grader.ingest import errors
from grader.ingest.archive import unpack
from grader.ingest.intake import Limits

SMALL = Limits(upload=4 << 20, total=3 << 20, file=2 << 20, count=100, stream=8 << 20)


def tar_of(*members: tuple[tarfile.TarInfo, bytes], mode: str = "w:gz") -> io.BytesIO:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode) as archive:
        for info, data in members:
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    stream.seek(0)
    return stream


def fails(stream: io.BytesIO, error: type[errors.IngestError], *parts: str, limits: Limits = SMALL) -> None:
    with pytest.raises(errors.IngestError) as caught:
        unpack(stream, "hw.zip", limits)
    assert type(caught.value) is error, caught.value
    for part in parts:
        assert part in str(caught.value)


# Good ones


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_zip(zip_of, method: int) -> None:
    files = {"cs231n/layers.py": b"x = 1\n", "cs231n/empty.py": b"", "a.ipynb": b"{}" * 40_000}
    assert unpack(zip_of(files, method), "hw.zip").files == files


@pytest.mark.parametrize("mode", ["w", "w:gz"])
@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_tar(mode: str, form: int) -> None:
    stream = io.BytesIO()
    name = "d" * 90 + "/შრიფტი" * (2 if form == tarfile.USTAR_FORMAT else 20) + ".py"
    with tarfile.open(fileobj=stream, mode=mode, format=form) as archive:
        info = tarfile.TarInfo(name)
        info.size = 200_000
        archive.addfile(info, io.BytesIO(b"abcde" * 40_000))
        archive.addfile(tarfile.TarInfo("./second.py"))
    assert unpack(stream, "hw.tar").files == {name: b"abcde" * 40_000, "second.py": b""}


def test_kind_is_told_by_content_not_by_name(zip_of) -> None:
    assert unpack(zip_of({"a.py": b"1"}), "hw.tar.gz").files == {"a.py": b"1"}


def test_what_is_not_part_of_the_work_is_skipped_and_said(zip_of) -> None:
    junk = [
        "__MACOSX/cs231n/._layers.py",
        "cs231n/._layers.py",
        ".DS_Store",
        "cs231n/__pycache__/layers.cpython-311.pyc",
        ".git/config",
        ".ipynb_checkpoints/A-checkpoint.ipynb",
        "cs231n/datasets/cifar-10-batches-py/data_batch_1",
        "data.npy",
        "cs231n/im2col_cython.so",
        "Icon\r",
    ]
    unpacked = unpack(zip_of(dict.fromkeys([*junk, "cs231n/layers.py"], b"x")), "hw.zip")
    assert set(unpacked.files) == {"cs231n/layers.py"}
    remarks = " ".join(unpacked.remarks)
    for kind in ("macOS", "caches", "version control", "checkpoints", "data sets", "compiled"):
        assert kind in remarks


def test_large_model_is_skipped_without_unpacking(zip_of) -> None:
    unpacked = unpack(zip_of({"model.pt": b"\0" * (5 << 20), "a.py": b"1"}), "hw.zip", SMALL)
    assert set(unpacked.files) == {"a.py"}
    assert "model.pt" in unpacked.remarks[0]


def test_backslashes_of_windows_are_folders(zip_of) -> None:
    assert set(unpack(zip_of({"hw\\cs231n\\layers.py": b"1"}), "hw.zip").files) == {"hw/cs231n/layers.py"}


def test_utf8_names_without_the_flag() -> None:
    name = "домашка/layers.py".encode()
    raw = _raw_zip(name, b"x", 0, zlib.crc32(b"x"), 1, 1)
    assert set(unpack(io.BytesIO(raw), "hw.zip").files) == {"домашка/layers.py"}


def test_cp437_names() -> None:
    raw = _raw_zip("é/a.py".encode("cp437"), b"x", 0, zlib.crc32(b"x"), 1, 1)
    assert set(unpack(io.BytesIO(raw), "hw.zip").files) == {"é/a.py"}


def test_decomposed_names_become_composed(zip_of) -> None:
    assert set(unpack(zip_of({"cafe\u0301.py": b""}), "hw.zip").files) == {"caf\u00e9.py"}


def test_twice_the_same_name() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive, pytest.warns(UserWarning):
        archive.writestr("a.py", b"1")
        archive.writestr("a.py", b"2")
    unpacked = unpack(stream, "hw.zip")
    assert unpacked.files == {"a.py": b"2"}
    assert "twice" in unpacked.remarks[0]


@pytest.mark.parametrize("name", ["aux.py", "cs231n/COM1", "x" * 300 + ".py", "d/" * 600 + "a.py"])
def test_odd_names_are_skipped_and_said(zip_of, name: str) -> None:
    unpacked = unpack(zip_of({name: b"1", "a.py": b"1"}), "hw.zip")
    assert set(unpacked.files) == {"a.py"}
    assert "names" in unpacked.remarks[0]


# Archives in archives


def test_inner_zip_is_opened_if_the_code_is_in_it(zip_of) -> None:
    inner = zip_of({"cs231n/layers.py": b"1"}).getvalue()
    unpacked = unpack(zip_of({"a2_code.zip": inner, "a2_inline.pdf": b"%PDF"}), "hw.zip")
    assert set(unpacked.files) == {"a2_code.zip/cs231n/layers.py", "a2_inline.pdf"}


def test_inner_zip_beside_code_stays_closed(zip_of) -> None:
    unpacked = unpack(zip_of({"old.zip": zip_of({"b.py": b"1"}).getvalue(), "a.py": b"1"}), "hw.zip")
    assert set(unpacked.files) == {"a.py"}
    assert "old.zip" in unpacked.remarks[0]


def test_third_level_stays_closed(zip_of) -> None:
    third = zip_of({"layers.py": b"1"}).getvalue()
    unpacked = unpack(zip_of({"b.zip": zip_of({"c.zip": third, "x.md": b"x"}).getvalue()}), "hw.zip")
    assert set(unpacked.files) == {"b.zip/x.md"}
    assert "c.zip" in " ".join(unpacked.remarks)


# Bad ones


def _raw_zip(name: bytes, data: bytes, flags: int, crc: int, size: int, packed: int, method: int = 0) -> bytes:
    fields = struct.pack("<HHHHHIIIHH", 20, flags, method, 0, 33, crc, packed, size, len(name), 0)
    local = b"PK\3\4" + fields + name + data
    central = b"PK\1\2" + struct.pack("<H", 20) + fields + struct.pack("<HHHII", 0, 0, 0, 0, 0) + name
    return local + central + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local), 0)


HOSTILE_NAMES = [
    "../a.py",
    "a/../../b.py",
    "..\\..\\a.py",
    "/etc/cron.d/a",
    "\\\\host\\share\\a",
    "C:\\Windows\\a.py",
    "c:a.py",
    "a/.. /b.py",
    "a\nb.py",
    "a\x1b[31m.py",
    "__MACOSX/../../a.py",
    ".git/../../x",
]


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_names_that_point_outside(zip_of, name: str) -> None:
    fails(
        zip_of({"ok.py": b"1", name: b"1"}),
        errors.UnsafePath,
        "Pack" if "\n" not in name and "\x1b" not in name else "Rename",
    )


@pytest.mark.parametrize("name", ["../a.py", "/a.py", "a/../../b.py"])
def test_names_that_point_outside_in_tar(name: str) -> None:
    fails(tar_of((tarfile.TarInfo(name), b"1")), errors.UnsafePath)


def test_nul_in_a_name() -> None:
    raw = _raw_zip(b"a.py\0.txt", b"x", 0, zlib.crc32(b"x"), 1, 1)
    fails(io.BytesIO(raw), errors.UnsafePath, "control")


def test_file_and_folder_of_one_name(zip_of) -> None:
    fails(zip_of({"a": b"1", "a/b.py": b"1"}), errors.UnsafePath, "a file and a folder")


def test_links_in_zip_are_skipped() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, kind in [("link.py", stat.S_IFLNK), ("pipe", stat.S_IFIFO), ("disk", stat.S_IFBLK)]:
            info = zipfile.ZipInfo(name)
            info.external_attr = (kind | 0o777) << 16
            archive.writestr(info, "/etc/passwd")
        archive.writestr("a.py", b"1")
    unpacked = unpack(stream, "hw.zip")
    assert unpacked.files == {"a.py": b"1"}
    assert "3 files (links and devices)" in unpacked.remarks[0]


def test_links_in_tar_are_skipped() -> None:
    members = [(tarfile.TarInfo("a.py"), b"1")]
    for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE):
        info = tarfile.TarInfo(f"odd{kind.decode()}")
        info.type, info.linkname = kind, "/etc/passwd"
        members.append((info, b""))
    unpacked = unpack(tar_of(*members), "hw.tgz")
    assert unpacked.files == {"a.py": b"1"}
    assert "4 files (links and devices)" in unpacked.remarks[0]


def test_password(tmp_path) -> None:
    (tmp_path / "layers.py").write_text("x = 1")
    subprocess.run(["zip", "-q", "-P", "secret", "hw.zip", "layers.py"], cwd=tmp_path, check=True)
    fails(io.BytesIO((tmp_path / "hw.zip").read_bytes()), errors.Encrypted, "password", "layers.py")


def test_hundred_thousand_files() -> None:
    raw = _raw_zip(b"a.py", b"x", 0, zlib.crc32(b"x"), 1, 1)
    start, end = raw.index(b"PK\1\2"), raw.index(b"PK\5\6")
    central = raw[start:end] * 100_000
    zip64 = b"PK\6\6" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, 100_000, 100_000, len(central), start)
    locator = b"PK\6\7" + struct.pack("<IQI", 0, start + len(central), 1)
    tail = b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    fails(io.BytesIO(raw[:start] + central + zip64 + locator + tail), errors.TooManyFiles, "10,000", limits=Limits())


def test_hundred_thousand_files_in_tar() -> None:
    stream = io.BytesIO(tarfile.TarInfo("a.py").tobuf() * 100_000)
    fails(stream, errors.TooManyFiles, "10,000", limits=Limits())


def test_huge_table_of_contents_is_not_even_read(zip_of) -> None:
    stream = zip_of({f"{'n' * 200}{i}": b"" for i in range(200)})
    fails(stream, errors.TooManyFiles, limits=Limits(directory=10_000))


def test_upload_over_the_limit() -> None:
    class Huge(io.RawIOBase):
        """Two gigabytes that nobody may read."""

        def seek(self, offset: int, whence: int = 0) -> int:
            return 2 << 30 if whence == 2 else offset

    fails(Huge(), errors.TooLarge, "2,048 MiB", limits=Limits())


def test_total_over_the_limit(zip_of) -> None:
    fails(zip_of({f"{i}.txt": bytes(range(256)) * 4096 for i in range(4)}), errors.TooLarge, "3 MiB")


def test_file_over_the_limit(zip_of) -> None:
    fails(zip_of({"a.py": bytes(range(256)) * 12_000}), errors.TooLarge, "a.py", "2 MiB")


def test_zip_bomb_of_zeros(zip_of) -> None:
    fails(zip_of({"a.txt": b"\0" * (64 << 20)}), errors.Bomb, "a.txt", limits=Limits())


def test_zip_bomb_in_a_zip(zip_of) -> None:
    fails(zip_of({"a.zip": zip_of({"a.txt": b"\0" * (64 << 20)}).getvalue()}), errors.Bomb, limits=Limits())


def test_many_small_bombs_share_the_budget(zip_of) -> None:
    fails(zip_of({f"{i}.txt": b"\0" * (1 << 20) for i in range(5)}), errors.TooLarge)


def test_tar_bomb() -> None:
    fails(tar_of((tarfile.TarInfo("a.npy"), b"\0" * (64 << 20))), errors.Bomb)


def test_tar_header_bomb() -> None:
    info = tarfile.TarInfo("a.py")
    info.pax_headers = {"comment": "x" * (3 << 20)}
    fails(tar_of((info, b"1")), errors.Corrupt, "header")


def test_overlapping_members(zip_of) -> None:
    """Two entries of the table of contents that point at the same bytes."""
    raw = zip_of({"a.py": b"x" * 1000}).getvalue()
    start = raw.index(b"PK\1\2")
    end = raw.index(b"PK\5\6")
    entry = raw[start:end]
    twice = entry + entry.replace(b"a.py", b"b.py")
    tail = b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 2, 2, len(twice), start, 0)
    fails(io.BytesIO(raw[:start] + twice + tail), errors.Bomb, "overlap")


def test_quoted_members() -> None:
    """The first member's data is the second member, header and all."""
    inner = _raw_zip(b"b.py", b"x" * 50, 0, zlib.crc32(b"x" * 50), 50, 50)
    local_b = inner[: inner.index(b"PK\1\2")]
    central_b = inner[inner.index(b"PK\1\2") : inner.index(b"PK\5\6")]
    outer = _raw_zip(b"a.py", local_b, 0, zlib.crc32(local_b), len(local_b), len(local_b))
    start = outer.rindex(b"PK\1\2")
    central_a = outer[start : outer.rindex(b"PK\5\6")]
    offset = struct.pack("<I", 34)
    central_b = central_b[:42] + offset + central_b[46:]
    central = central_a + central_b
    tail = b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 2, 2, len(central), start, 0)
    fails(io.BytesIO(outer[:start] + central + tail), errors.Bomb, "overlap")


def test_declared_size_is_a_lie() -> None:
    packed = zlib.compress(b"y" * 5000, 9)[2:-4]
    for size in (10, 50_000):
        raw = _raw_zip(b"a.py", packed, 0, zlib.crc32(b"y" * 5000), size, len(packed), 8)
        fails(io.BytesIO(raw), errors.Corrupt)


def test_wrong_check_sum(zip_of) -> None:
    raw = zip_of({"a.py": b"hello"}, zipfile.ZIP_STORED).getvalue().replace(b"hello", b"hallo")
    fails(io.BytesIO(raw), errors.Corrupt, "hw.zip", "damaged")


@pytest.mark.parametrize("part", [0.05, 0.5, 0.9, 0.999])
def test_truncated(zip_of, part: float) -> None:
    raw = zip_of({f"{i}.py": bytes(range(i, 200)) * 9 for i in range(20)}).getvalue()
    fails(io.BytesIO(raw[: int(len(raw) * part)]), errors.Corrupt, "hw.zip")
    raw = tar_of(*[(tarfile.TarInfo(f"{i}.py"), bytes(range(i, 200)) * 9) for i in range(20)]).getvalue()
    fails(io.BytesIO(raw[: int(len(raw) * part)]), errors.Corrupt, "hw.zip")


def test_damaged_header_in_the_middle_of_a_tar() -> None:
    members = [(tarfile.TarInfo(f"{i}.py"), b"x" * 512) for i in range(3)]
    raw = bytearray(tar_of(*members, mode="w").getvalue())
    raw[1024:1030] = b"??????"
    fails(io.BytesIO(raw), errors.Corrupt)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_compressions(zip_of, method: int) -> None:
    fails(zip_of({"a.py": b"1" * 1000}, method), errors.Unsupported, "a.py", "ordinary zip")


@pytest.mark.parametrize(
    ("head", "word"),
    [(b"Rar!\x1a\x07\x01\x00", "RAR"), (b"7z\xbc\xaf\x27\x1c\x00\x04", "7-Zip"), (b"\xfd7zXZ\x00", "xz")],
)
def test_other_archives(head: bytes, word: str) -> None:
    fails(io.BytesIO(head + b"\0" * 100), errors.Unsupported, word, ".zip")


def test_not_an_archive_at_all() -> None:
    fails(io.BytesIO(b"<!DOCTYPE html>" * 50), errors.Corrupt, "hw.zip")


def test_gzip_of_something_else() -> None:
    fails(io.BytesIO(gzip.compress(b"hello" * 1000)), errors.Corrupt)


def test_empty() -> None:
    fails(io.BytesIO(b""), errors.Empty, "0 bytes")


def test_zip_without_files(zip_of) -> None:
    fails(zip_of({}), errors.Empty)


def test_zip_with_nothing_but_junk(zip_of) -> None:
    fails(zip_of({".DS_Store": b"x"}), errors.Empty, "macOS")


@pytest.mark.parametrize("error", errors.IngestError.__subclasses__())
def test_every_error_has_its_own_code(error: type[errors.IngestError]) -> None:
    codes = [other.code for other in errors.IngestError.__subclasses__()]
    assert codes.count(error.code) == 1 and error.code != errors.IngestError.code
