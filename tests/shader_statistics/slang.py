"""HLSL to PTX through the C interface of Slang's library, which the Python package slangpy holds.

Arguments: folder of the library, folder of CUDA's libraries, HLSL, PTX to write, entry point.
"""

import ctypes
import glob
import os
import sys

slang_folder, cuda_folder, source, result, entry = sys.argv[1:]
# Slang asks for NVRTC by a name that the package lacks; loaded under its own, it is found
for library in sorted(glob.glob(os.path.join(cuda_folder, "libnvrtc*.so*"))):
    ctypes.CDLL(library, ctypes.RTLD_GLOBAL)
plain = os.path.join(cuda_folder, "libnvrtc.so")
if not os.path.exists(plain):
    os.symlink(os.path.basename(glob.glob(os.path.join(cuda_folder, "libnvrtc.so.*"))[0]), plain)
if cuda_folder not in os.environ.get("LD_LIBRARY_PATH", ""):
    os.environ["LD_LIBRARY_PATH"] = cuda_folder
    os.execv(sys.executable, [sys.executable, *sys.argv])

slang = ctypes.CDLL(glob.glob(os.path.join(slang_folder, "libslang-compiler.so*"))[0])
slang.spCreateSession.restype = ctypes.c_void_p
slang.spCreateSession.argtypes = [ctypes.c_char_p]
slang.spCreateCompileRequest.restype = ctypes.c_void_p
slang.spCreateCompileRequest.argtypes = [ctypes.c_void_p]
slang.spProcessCommandLineArguments.argtypes = [
    ctypes.c_void_p,
    ctypes.POINTER(ctypes.c_char_p),
    ctypes.c_int,
]
slang.spCompile.argtypes = [ctypes.c_void_p]
slang.spGetDiagnosticOutput.restype = ctypes.c_char_p
slang.spGetDiagnosticOutput.argtypes = [ctypes.c_void_p]
slang.spGetEntryPointCode.restype = ctypes.c_void_p
slang.spGetEntryPointCode.argtypes = [
    ctypes.c_void_p,
    ctypes.c_int,
    ctypes.POINTER(ctypes.c_size_t),
]

arguments = f"-lang hlsl {source} -target ptx -profile cs_6_0 -entry {entry} -stage compute"
words = [word.encode() for word in arguments.split()]
request = slang.spCreateCompileRequest(slang.spCreateSession(None))
failed = slang.spProcessCommandLineArguments(
    request, (ctypes.c_char_p * len(words))(*words), len(words)
)
failed = failed < 0 or slang.spCompile(request) < 0
if failed:
    sys.exit((slang.spGetDiagnosticOutput(request) or b"no reason given").decode())
size = ctypes.c_size_t()
code = slang.spGetEntryPointCode(request, 0, ctypes.byref(size))
with open(result, "wb") as file:
    file.write(ctypes.string_at(code, size.value).rstrip(b"\0"))
