"""DECIMAL or DOUBLE: equality, rounding, limits."""

import pytest

from opsbook.pytest_plugin import Snippet

from .conftest import Client

OUT_OF_RANGE, SCALE, PRECISION, SCALE_OVER_PRECISION = 1264, 1425, 1426, 1427


@pytest.mark.claim("mysql-types-decimal-exact", "holds")
@pytest.mark.claim("mysql-types-float-8-digits", "wrong")
@pytest.mark.claim("mysql-types-double-16-digits", "incomplete")
def test_decimal_keeps_what_was_written_and_floats_what_is_near(
    snippet: Snippet, clients: list[Client]
) -> None:
    """Sums and equality are exact in DECIMAL; FLOAT has 24 bits, DOUBLE 53: 15 digits survive it, not each number of 16."""
    snippet.run_and_record_on_each("equal")
    snippet.run_on_each("sum-make")
    snippet.run_and_record_on_each("sum")
    snippet.run_on_each("digits-make")
    snippet.run_and_record_on_each("digits")
    snippet.run_and_record_on_each("find-red")
    snippet.run_and_record_on_each("find-cure")
    for client in clients:
        for bits, name in ((24, "FLOAT"), (53, "DOUBLE")):
            client.column(name)
            for number in (2**bits - 1, 2**bits, 2**bits + 2, -(2**bits)):
                client.only(str(number))
                assert client.value("SELECT CAST(v AS DECIMAL(30)) AS n FROM edge;") == str(number)
            client.only(str(2**bits + 1))
            assert client.value("SELECT CAST(v AS DECIMAL(30)) AS n FROM edge;") == str(2**bits)
        # The column is a DOUBLE now.
        for digits in ("0.123456789012345", "123456789.012345", "999999999999999", "1.00000000000001"):
            client.only(digits)
            assert client.value("SELECT v FROM edge;") == digits
        client.only("0.1e0 + 0.2e0")
        assert client.value("SELECT v = 0.30000000000000004e0 AS n FROM edge;") == "1"
        assert client.value("SELECT v = 0.3000000000000000e0 AS n FROM edge;") == "0"


@pytest.mark.claim("mysql-types-decimal-max-precision", "wrong")
@pytest.mark.claim("mysql-types-decimal-max-scale", "wrong")
@pytest.mark.claim("mysql-types-decimal-scale-less-than-precision", "wrong")
@pytest.mark.claim("mysql-types-float-4-bytes", "holds")
def test_the_limits_of_decimal_and_what_it_takes(snippet: Snippet, clients: list[Client]) -> None:
    """65 digits, of which 30 (MariaDB: 38) behind the point; nine digits are four bytes; halves go away from zero."""
    snippet.run_and_record_on_each("round")
    snippet.run_and_record_on_each("half")
    snippet.run_and_record_on_each("divide")
    snippet.run_and_record_on_each("limits")
    snippet.run("scale")
    snippet.run_and_record("scale-mysql")
    snippet.run_on_each("size-make")
    snippet.run_and_record_on_each("size")
    for client in clients:
        most = {"mariadb": 38, "mysql": 30}[client.name]
        for precision, scale in ((65, 0), (65, 30), (65, most), (1, 0), (10, 10), (most, most)):
            whole, part = "9" * (precision - scale), "9" * scale
            client.holds(
                f"DECIMAL({precision},{scale})",
                [f"'{whole}.{part}'", f"'-{whole}.{part}'"],
                [f"'1{'0' * (precision - scale)}'", f"'{whole}.{part}5'"],
                OUT_OF_RANGE,
            )
        assert client.code("CREATE TABLE t (v DECIMAL(66,2));") == PRECISION
        assert client.code(f"CREATE TABLE t (v DECIMAL(65,{most + 1}));") == SCALE
        assert client.code("CREATE TABLE t (v DECIMAL(5,6));") == SCALE_OVER_PRECISION
        for digits, size in enumerate((1, 1, 2, 2, 3, 3, 4, 4, 4), 1):
            assert client.bytes_of(f"DECIMAL({digits})") == size
            assert client.bytes_of(f"DECIMAL({digits + 9},{digits})") == 4 + size
        assert [client.bytes_of(f"FLOAT({p})") for p in (24, 25, 53)] == [4, 8, 8]


@pytest.mark.claim("mysql-types-float-m-d-meaning", "dated")
@pytest.mark.claim("mysql-types-float-5-3-example", "wrong")
def test_float_m_d(snippet: Snippet, clients: list[Client]) -> None:
    """FLOAT(5,3) ends at 99.999, in silence without strict mode; FLOAT(6,3) rounds to 123.457; MySQL warns of both."""
    for region in ("sum-make", "digits-make", "round", "limits", "size-make"):
        snippet.run_on_each(region)
    snippet.run_and_record_on_each("md")
    for client in clients:
        client.do(
            "SET sql_mode = ''; INSERT INTO old_style (five) VALUES (123.45678); SET sql_mode = DEFAULT;"
        )
        assert client.value("SELECT MAX(five) AS n FROM old_style;") == "99.999"
        kept = "SELECT numeric_precision AS a, numeric_scale AS b FROM information_schema.columns WHERE column_name = 'six';"
        assert client.rows(kept) == [["6", "3"]]
        warned = client.warnings("CREATE TABLE t (v DOUBLE(5,2), w DECIMAL(5,2) UNSIGNED);")
        assert warned == ([1681, 1681] if client.name == "mysql" else [])
        assert client.code("CREATE TABLE u (v FLOAT(5,6));") == SCALE_OVER_PRECISION
    snippet.run_on_each("undo")
