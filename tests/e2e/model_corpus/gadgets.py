# SPDX-License-Identifier: Apache-2.0
"""Functions that a pickle should not reach: of Python itself and of libraries, as published reports name them."""

GADGETS = """
os.system os.popen os.execv os.spawnl os.posix_spawn os.fork os.remove os.rename os.chmod os.putenv os.kill posix.system nt.system
subprocess.call subprocess.run subprocess.Popen subprocess.check_output subprocess.getoutput subprocess.getstatusoutput
commands.getoutput popen2.popen2 _posixsubprocess.fork_exec pty.spawn
builtins.eval builtins.exec builtins.compile builtins.__import__ builtins.open builtins.getattr builtins.setattr builtins.breakpoint
builtins.input builtins.globals builtins.vars __builtin__.eval __builtin__.execfile __builtin__.apply
runpy.run_path runpy.run_module runpy._run_code code.InteractiveInterpreter.runcode code.interact codeop.compile_command
timeit.timeit timeit.main cProfile.run cProfile.runctx profile.run profile.Profile.runctx trace.Trace.runctx trace.Trace.run
pdb.run pdb.runeval bdb.Bdb.run bdb.Bdb.runeval doctest.debug_script doctest.testsource cgitb.lookup
pydoc.locate pydoc.pipepager pydoc.tempfilepager pydoc.safeimport webbrowser.open antigravity.geohash
idlelib.pyshell.ModifiedInterpreter.runcode idlelib.pyshell.ModifiedInterpreter.runcommand idlelib.run.Executive.runcode
idlelib.calltip.Calltip.fetch_tip idlelib.calltip.get_entity idlelib.autocomplete.AutoComplete.get_entity
idlelib.autocomplete.AutoComplete.fetch_completions idlelib.debugobj.ObjectTreeItem.SetText
lib2to3.pgen2.grammar.Grammar.loads lib2to3.pgen2.pgen.ParserGenerator.make_label
ensurepip._run_pip ensurepip.bootstrap venv.create distutils.spawn.spawn distutils.file_util.write_file pip.main pip._internal.main
setuptools.sandbox.run_setup asyncio.create_subprocess_shell asyncio.unix_events._UnixSubprocessTransport._start
asyncio.base_subprocess.BaseSubprocessTransport multiprocessing.Process multiprocessing.util.spawnv_passfds
concurrent.futures.ThreadPoolExecutor threading.Thread threading.Timer _thread.start_new_thread sched.scheduler signal.signal
importlib.import_module importlib.__import__ importlib.util.spec_from_file_location importlib.machinery.SourceFileLoader
imp.load_source pkgutil.resolve_name pkgutil.get_loader zipimport.zipimporter modulefinder.ModuleFinder sys.setprofile sys.settrace
ctypes.CDLL ctypes.cdll.LoadLibrary cffi.FFI.dlopen marshal.loads types.FunctionType types.CodeType types.MethodType
pickle.loads pickle.load _pickle.loads cPickle.loads shelve.open dbm.open
operator.attrgetter operator.methodcaller operator.itemgetter.__call__ functools.partialmethod functools.singledispatch
itertools.starmap inspect.getsource gc.get_objects gc.get_referrers
socket.socket socket.create_connection ssl.wrap_socket urllib.request.urlopen urllib.request.urlretrieve urllib2.urlopen
http.client.HTTPSConnection httplib.HTTPConnection ftplib.FTP smtplib.SMTP poplib.POP3 imaplib.IMAP4 telnetlib.Telnet
xmlrpc.client.ServerProxy requests.get requests.api.post httpx.get aiohttp.ClientSession socketserver.TCPServer
http.server.HTTPServer wsgiref.simple_server.make_server
shutil.rmtree shutil.copyfile shutil.move tempfile.mktemp io.open io.FileIO io.open_code codecs.open zipfile.ZipFile.extractall
tarfile.open gzip.open bz2.open lzma.open fileinput.input linecache.getlines linecache.getline glob.glob pathlib.Path.write_text
pathlib.Path.unlink sqlite3.connect mmap.mmap getpass.getpass
logging.config.listen logging.config.dictConfig logging.FileHandler logging.handlers.SocketHandler uuid._get_command_stdout
platform.popen platform._syscmd_ver unittest.main test.support.script_helper.assert_python_ok _pyrepl.pager.pipe_pager
_osx_support._read_output _aix_support._read_cmd_output mailcap.findmatch turtle.Screen tkinter.Tk.tk.eval
readline.read_init_file rlcompleter.Completer.attr_matches py_compile.compile compileall.compile_file nturl2path.url2pathname
xml.dom.minidom.parse tracemalloc.Snapshot.load email.message_from_file configparser.ConfigParser.read
numpy.load numpy.testing._private.utils.runstring numpy.testing._private.utils.run_threaded numpy.f2py.diagnose.run_command
numpy.f2py.crackfortran.myeval numpy.f2py.crackfortran.param_eval numpy.f2py.crackfortran.getlincoef
numpy.f2py.crackfortran._eval_length numpy.distutils.exec_command.exec_command numpy.distutils.cpuinfo.getoutput numpy.fromfile
numpy.memmap numpy.ctypeslib.load_library numpy.DataSource numpy.lib.npyio.NpzFile scipy.io.loadmat
torch.load torch.hub.load torch.hub.load_state_dict_from_url torch.serialization.load torch.jit.load
torch.jit.unsupported_tensor_ops.execWrapper torch.utils.collect_env.run torch.utils.collect_env.run_and_read_all
torch.utils.bottleneck.__main__.run_cprofile torch.utils.bottleneck.__main__.run_autograd_prof
torch.utils._config_module.load_config torch.utils._config_module.ConfigModule.load_config torch.utils.cpp_extension.load_inline
torch.utils.cpp_extension.load torch.utils.data.datapipes.utils.decoder.basichandlers torch.utils.model_zoo.load_url
torch._dynamo.guards.GuardBuilder.get torch._dynamo.guards.GuardBuilder.get_guard torch._inductor.codecache.compile_file
torch.fx.experimental.symbolic_shapes.ShapeEnv.evaluate_guards_expression torch.fx.graph_module._forward_from_src
torch.fx.graph_module.reduce_graph_module torch.distributed.rpc.rpc_sync torch.distributed.run.main torch.multiprocessing.spawn
torch.package.PackageImporter torch.ops.load_library torch.classes.load_library torch.cuda.nvrtc._compile
torch.onnx.utils.export torch.from_file
joblib.load joblib.memory.Memory dill.loads dill._dill._import_module cloudpickle.loads pandas.read_pickle pandas.eval
pandas.read_csv pandas.core.computation.eval.eval pandas.io.pickle.read_pickle sklearn.externals.joblib.load
sklearn.datasets.fetch_openml sklearn.datasets.load_files tensorflow.io.read_file tensorflow.load_op_library
tensorflow.python.framework.load_library.load_op_library tensorflow.keras.utils.get_file keras.utils.get_file
keras.models.load_model transformers.pipeline transformers.dynamic_module_utils.get_class_from_dynamic_module
huggingface_hub.hf_hub_download yaml.unsafe_load yaml.load jsonpickle.decode jinja2.Template.render django.utils.module_loading.import_string
IPython.get_ipython IPython.core.interactiveshell.InteractiveShell.system psutil.Popen pexpect.run paramiko.SSHClient boto3.client
nltk.download nltk.data.load fabric.Connection invoke.run sympy.parsing.sympy_parser.parse_expr sympy.sympify
flask.Flask.run aiofiles.open markupsafe.soft_unicode.__globals__ matplotlib.cbook._get_data_path cryptography.fernet.Fernet
wandb.init mlflow.pyfunc.load_model spacy.load spacy.util.load_model_from_path gensim.utils.unpickle ultralytics.YOLO
fsspec.open s3fs.S3FileSystem google.cloud.storage.Client
""".split()

# A harmless module, and a walk from it to something else; the split is part of what is tried.
WALKS = (("urllib.parse", "sys.modules.get"), ("numpy.core.multiarray", "os.system"), ("torch._utils", "torch.hub.load"),
         ("sklearn.utils", "Bunch.fromfile"), ("numpy.core.records", "sys.modules"), ("math", "builtins.open"),
         ("pandas._libs", "lib.sys.settrace"), ("collections", "abc.sys.exit"))

FORM_TARGETS = (("os", "system"), ("subprocess", "check_output"), ("builtins", "eval"))


def split(gadget):
    """Module and name as a pickle has them: the name begins at the first part that is no module."""
    parts = gadget.split(".")
    for index, part in enumerate(parts[:-1]):
        if index and (part[:1].isupper() or part.startswith("_Unix")):
            return ".".join(parts[:index]), ".".join(parts[index:])
    return ".".join(parts[:-1]), parts[-1]
