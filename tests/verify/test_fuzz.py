"""Two thousand files gone wrong, the same each time: each refused by an error that names the file, or loaded and audited."""
import pytest

from tests.fuzz import LONGEST, bp, mutated, trouble

FILES, PART = 2000, 250


@pytest.mark.parametrize("start", range(0, FILES, PART))
def test_a_file_gone_wrong_is_refused_by_name_or_audited(start, tmp_path):
    assert [said for seed in range(start, start + PART) if (said := trouble(tmp_path, seed))] == []


def test_some_of_them_load_and_some_do_not(tmp_path):
    """Else the test above would test nothing."""
    loaded = 0
    for seed in range(100):
        path = tmp_path/f"{seed}.toml"
        path.write_bytes(mutated(seed)[1])
        try:
            loaded += len(bp.worked_example(path).figures) > 0
        except (TypeError, ValueError):
            pass
    assert 10 < loaded < 90 and LONGEST > 1
