"""What Python runs first in the embedded AWS of the tests, and in its functions: they hurry.

Functions wait since SES takes an operation once in a second, and since a vendor that is down may be up again in ten;
here nothing of that is so. Tests of theirs, with a clock, hold how long they wait. libyaml reads what Python reads.
"""

import os
import sys

_SERVER = ["-P", "-m", "hypercorn"]


if sys.orig_argv[-1].endswith("_worker.py") and "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    import time

    import forked_functions

    forked_functions.hand_over()
    time.sleep = forked_functions.hurried
elif sys.orig_argv[1:4] == _SERVER:
    import gc
    import subprocess

    import yaml

    gc.set_threshold(50_000, 20, 50)

    yaml.SafeLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    ours = os.path.join(os.path.dirname(__file__), "forked_functions.py")
    subprocess.Popen([sys.executable, "-P", ours], stdin=subprocess.DEVNULL)
