// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "scan/models/callee_tables.h"

namespace vedette::scan::models {
namespace {

constexpr auto kRows = std::to_array<CalleeRow>({
    {"builtins",
     "object type set frozenset dict list tuple int float str bytes bytearray bool complex slice "
     "range reversed enumerate zip super property staticmethod classmethod Ellipsis NotImplemented "
     "len min max sum abs sorted round id repr hash iter next memoryview any all chr ord "
     "callable isinstance issubclass",
     Capability::kHarmless},
    {"builtins",
     "+ bytes.fromhex bytearray.fromhex str.join str.lower str.strip str.upper float.fromhex "
     "int.from_bytes dict.fromkeys dict.get str.encode bytes.decode str.replace",
     Capability::kHarmless},
    {"builtins", "xrange unicode long basestring buffer unichr intern", Capability::kHarmless},
    {"_codecs", "encode decode", Capability::kHarmless},
    {"codecs", "encode decode lookup", Capability::kHarmless},
    {"base64", "b64decode b64encode decodebytes", Capability::kHarmless},
    {"copyreg", "_reconstructor __newobj__ __newobj_ex__ _reduce_ex", Capability::kHarmless},
    {"collections", "+ deque defaultdict namedtuple", Capability::kHarmless},
    {"datetime", "datetime date time timedelta timezone", Capability::kHarmless},
    {"zoneinfo", "+ ZoneInfo._unpickle", Capability::kHarmless},
    {"pytz", "_UTC _p + timezone", Capability::kHarmless},
    {"dateutil", "+ tzutc tzlocal tzfile tzoffset gettz", Capability::kHarmless},
    {"decimal", "Decimal Context", Capability::kHarmless},
    {"fractions", "Fraction", Capability::kHarmless},
    {"random", "Random", Capability::kHarmless},
    {"array", "array _array_reconstructor", Capability::kHarmless},
    {"uuid", "UUID SafeUUID", Capability::kHarmless},
    {"pathlib", "Path PosixPath WindowsPath PurePath PurePosixPath PureWindowsPath",
     Capability::kHarmless},
    {"re", "_compile compile RegexFlag Pattern", Capability::kHarmless},
    {"enum", "+ _old_convert_", Capability::kHarmless},
    {"argparse", "Namespace", Capability::kHarmless},
    {"types", "SimpleNamespace MappingProxyType NoneType GenericAlias UnionType",
     Capability::kHarmless},
    {"typing", "+", Capability::kHarmless},
    {"typing_extensions", "+", Capability::kHarmless},
    {"functools", "lru_cache wraps", Capability::kHarmless},
    {"itertools",
     "count chain repeat cycle islice zip_longest product accumulate combinations "
     "combinations_with_replacement permutations compress dropwhile takewhile filterfalse pairwise "
     "izip izip_longest ifilterfalse",
     Capability::kHarmless},
    {"operator", "add mul sub truediv neg eq lt gt le ge ne and_ or_ pow concat iadd iconcat",
     Capability::kHarmless},
    {"ast", "+", Capability::kHarmless},
    {"json.decoder", "JSONDecodeError", Capability::kHarmless},
    {"math", "*", Capability::kHarmless},
    {"cmath", "*", Capability::kHarmless},
    {"statistics", "*", Capability::kHarmless},
    {"string", "Template Formatter ascii_letters digits", Capability::kHarmless},
    {"io", "BytesIO StringIO", Capability::kHarmless},
    {"logging", "Logger getLogger Formatter StreamHandler", Capability::kHarmless},
    {"threading", "Lock RLock Event Condition _RLock", Capability::kHarmless},
    {"weakref", "ref WeakKeyDictionary WeakValueDictionary WeakSet", Capability::kHarmless},
    {"abc", "+", Capability::kHarmless},
    {"dataclasses", "_MISSING_TYPE MISSING Field", Capability::kHarmless},
    {"json", "JSONEncoder JSONDecoder loads dumps", Capability::kHarmless},
    {"zlib", "decompress compress", Capability::kHarmless},
    {"binascii", "unhexlify a2b_base64 hexlify", Capability::kHarmless},
    {"ipaddress", "+", Capability::kHarmless},
    {"time", "struct_time time", Capability::kHarmless},
    {"__main__", "+", Capability::kUnknownClass},
    // NumPy and what stands on it.
    {"numpy.core", "* ", Capability::kHarmless},
    {"numpy.random",
     "+ __randomstate_ctor __generator_ctor __bit_generator_ctor _pickle.__randomstate_ctor "
     "_pickle.__generator_ctor _pickle.__bit_generator_ctor __pyx_unpickle_SeedSequence",
     Capability::kHarmless},
    {"numpy.ma", "_mareconstruct +", Capability::kHarmless},
    {"numpy.polynomial", "+", Capability::kHarmless},
    {"numpy.matrixlib", "matrix +", Capability::kHarmless},
    {"numpy.rec", "recarray record", Capability::kHarmless},
    {"numpy",
     "ndarray dtype float64 float32 float16 int64 int32 int16 int8 uint64 uint32 uint16 uint8 "
     "bool_ bool str_ object_ number generic void bytes_ intc longlong ufunc matrix recarray "
     "datetime64 timedelta64 complex64 complex128 array asarray zeros ones mean std sum max min "
     "median log log1p exp expm1 sqrt abs argmax argmin nan ravel clip square identity inf tanh "
     "sin cos",
     Capability::kHarmless},
    {"numpy.dtypes", "+", Capability::kHarmless},
    {"regex", "+", Capability::kHarmless},
    {"regex._regex", "compile", Capability::kHarmless},
    // What it is given is a pickle again, which is looked at by itself.
    {"numba.core.serialize", "_unpickle__CustomPickled custom_rebuild", Capability::kHarmless},
    {"numba", "+", Capability::kHarmless},
    {"ml_dtypes", "*", Capability::kHarmless},
    {"scipy",
     "+ csr_matrix csc_matrix coo_matrix csr_array csc_array lil_matrix dok_matrix dia_matrix "
     "bsr_array coo_array dia_array dok_array lil_array cKDTree bsr_matrix norm_gen interp1d "
     "_pickle_restore gaussian_kde expit logit _numeric_arrays "
     "rv_frozen rv_continuous_frozen rv_discrete_frozen expon_gen uniform_gen randint_gen "
     "reciprocal_gen loguniform",
     Capability::kHarmless},
    {"sklearn",
     "+ newObj __pyx_unpickle_HyperparameterSpec __pyx_unpickle_Enum f_regression f_classif chi2 "
     "mutual_info_classif _passthrough_scorer newObj_ csr_matrix make_scorer accuracy_score "
     "r2_score f1_score mean_squared_error mean_absolute_error rbf_kernel linear_kernel "
     "r_regression _identity balanced_accuracy_score log_loss roc_auc_score",
     Capability::kHarmless},
    {"sklearn.tree._tree", "*", Capability::kHarmless},
    {"sklearn.neighbors", "*", Capability::kHarmless},
    {"sklearn.metrics", "*", Capability::kHarmless},
    {"sklearn.utils", "+ deprecated murmurhash3_32", Capability::kHarmless},
    {"sklearn._loss", "* ", Capability::kHarmless},
    {"sklearn.ensemble", "*", Capability::kHarmless},
    {"sklearn.linear_model", "*", Capability::kHarmless},
    {"sklearn.feature_selection", "*", Capability::kHarmless},
    {"sklearn.preprocessing", "*", Capability::kHarmless},
    {"sklearn.svm", "*", Capability::kHarmless},
    {"imblearn", "+", Capability::kHarmless},
    {"joblib", "+ numpy_pickle.NumpyArrayWrapper", Capability::kHarmless},
    {"pandas",
     "+ _unpickle_block _new_Index _new_DatetimeIndex __pyx_unpickle_BlockManager "
     "__pyx_unpickle_Enum _reconstruct_data new_block _unpickle _timestamp_unpickle "
     "_timedelta_unpickle __pyx_unpickle__Timedelta unpickle_block _unpickle_timestamp to_offset "
     "_new_PeriodIndex _new_IntervalIndex _new_TimedeltaIndex _period_unpickle "
     "__pyx_unpickle_BaseOffset __pyx_unpickle_BlockPlacement",
     Capability::kHarmless},
    {"pandas._libs", "*", Capability::kHarmless},
    {"pandas.core", "+ _new_Index _new_DatetimeIndex new_block", Capability::kHarmless},
    {"pyarrow",
     "+ type_for_alias array _reconstruct_table _reconstruct_record_batch schema field scalar "
     "_restore_array chunked_array py_buffer __newobj__ list_ large_list list_view large_list_view "
     "map_ struct union dictionary timestamp binary decimal32 decimal64 decimal128 decimal256 "
     "run_end_encoded json_ uuid bool8 opaque fixed_shape_tensor DictionaryScalar._reconstruct",
     Capability::kHarmless},
    {"polars", "+", Capability::kHarmless},
    {"xgboost", "+", Capability::kHarmless},
    {"lightgbm", "+ lightgbm.basic.Booster", Capability::kHarmless},
    {"catboost", "+", Capability::kHarmless},
    {"statsmodels", "+", Capability::kHarmless},
    // Classes in Cython, for each type of number: dInitialization, zKalmanFilter.
    {"statsmodels.tsa.statespace._initialization", "*", Capability::kHarmless},
    {"statsmodels.tsa.statespace._kalman_filter", "*", Capability::kHarmless},
    {"statsmodels.tsa.statespace._kalman_smoother", "*", Capability::kHarmless},
    {"statsmodels.tsa.statespace._representation", "*", Capability::kHarmless},
    {"statsmodels.tsa.statespace._simulation_smoother", "*", Capability::kHarmless},
    {"patsy", "+", Capability::kHarmless},
    {"hdbscan", "+ *", Capability::kHarmless},
    {"pmdarima", "+", Capability::kHarmless},
    {"lifelines", "+", Capability::kHarmless},
    {"formulaic", "+", Capability::kHarmless},
    {"hmmlearn", "+", Capability::kHarmless},
    {"mlxtend", "+", Capability::kHarmless},
    {"river", "+", Capability::kHarmless},
    {"ngboost", "+", Capability::kHarmless},
    {"sktime", "+", Capability::kHarmless},
    {"skbase", "+", Capability::kHarmless},
    {"tslearn", "+", Capability::kHarmless},
    {"pyod", "+", Capability::kHarmless},
    {"feature_engine", "+", Capability::kHarmless},
    {"interpret", "+", Capability::kHarmless},
    {"shap", "+", Capability::kHarmless},
    {"sksurv", "+", Capability::kHarmless},
    {"mapie", "+", Capability::kHarmless},
    {"deap", "+ meta_create", Capability::kHarmless},
    {"hyperopt", "+", Capability::kHarmless},
    {"skopt", "+", Capability::kHarmless},
    {"implicit", "+", Capability::kHarmless},
    {"xarray", "+", Capability::kHarmless},
    {"pgmpy", "+", Capability::kHarmless},
    {"pynndescent", "+", Capability::kHarmless},
    {"autograd", "+", Capability::kHarmless},
    {"faiss", "+", Capability::kHarmless},
    {"torchmetrics", "+", Capability::kHarmless},
    {"dask", "+ new_collection Expr._reconstruct literal itemgetter methodcaller da_frompyfunc",
     Capability::kHarmless},
    {"distributed", "+", Capability::kHarmless},
    {"gpytorch", "+", Capability::kHarmless},
    {"linear_operator", "+", Capability::kHarmless},
    {"pyro", "+", Capability::kHarmless},
    {"numpyro", "+", Capability::kHarmless},
    {"skorch", "+", Capability::kHarmless},
    {"pytorch_tabnet", "+", Capability::kHarmless},
    {"tf_keras", "+ deserialize_model_from_bytecode", Capability::kHarmless},
    {"orbax", "+", Capability::kHarmless},
    {"chex", "+", Capability::kHarmless},
    {"haiku", "+ frozendict", Capability::kHarmless},
    {"catalogue", "+", Capability::kHarmless},
    {"srsly", "+", Capability::kHarmless},
    {"cymem", "+", Capability::kHarmless},
    {"preshed", "+", Capability::kHarmless},
    {"blis", "+", Capability::kHarmless},
    {"umap", "+", Capability::kHarmless},
    {"category_encoders", "+", Capability::kHarmless},
    {"sentence_transformers", "+", Capability::kHarmless},
    {"gensim", "+ _pickle_fail", Capability::kHarmless},
    {"spacy",
     "+ unpickle_vocab unpickle_doc pickle_doc unpickle_matcher unpickle_morphology "
     "unpickle_vectors unpickle_bin",
     Capability::kHarmless},
    {"thinc", "+", Capability::kHarmless},
    {"nltk", "+", Capability::kHarmless},
    {"transformers", "+", Capability::kHarmless},
    {"tokenizers", "+", Capability::kHarmless},
    {"peft", "+", Capability::kHarmless},
    {"accelerate", "+", Capability::kHarmless},
    {"diffusers", "+", Capability::kHarmless},
    {"timm", "+", Capability::kHarmless},
    {"ultralytics", "+", Capability::kHarmless},
    {"models.yolo", "+", Capability::kHarmless},
    {"models.common", "+", Capability::kHarmless},
    {"torchvision", "+", Capability::kHarmless},
    {"torchaudio", "+", Capability::kHarmless},
    {"torchtext", "+", Capability::kHarmless},
    {"torch_geometric", "+", Capability::kHarmless},
    {"pytorch_lightning", "+", Capability::kHarmless},
    {"lightning", "+", Capability::kHarmless},
    {"lightning_fabric", "+ AttributeDict", Capability::kHarmless},
    {"omegaconf", "+", Capability::kHarmless},
    {"fairseq", "+", Capability::kHarmless},
    {"flair", "+", Capability::kHarmless},
    {"fastai", "+", Capability::kHarmless},
    {"fastcore", "+ L", Capability::kHarmless},
    {"deepspeed", "+", Capability::kHarmless},
    {"apex", "+", Capability::kHarmless},
    {"megatron", "+", Capability::kHarmless},
    {"keras",
     "+ deserialize_keras_object unpack_model _unpickle_model unpickle_model "
     "deserialize_model_from_bytecode "
     "KerasSaveable._unpickle_model keras_saveable.KerasSaveable._unpickle_model "
     "Sequential._unpickle_model Functional._unpickle_model Model._unpickle_model",
     Capability::kHarmless},
    {"tensorflow",
     "+ deserialize_keras_object as_dtype convert_to_tensor deserialize_model_from_bytecode "
     "_deserialize_for_reduce Layout.from_string Mesh.from_string",
     Capability::kHarmless},
    {"jax",
     "+ _reconstruct_array _unpickle_named_sharding _unpickle_gspmd_sharding "
     "_unpickle_single_device_sharding",
     Capability::kHarmless},
    {"jaxlib", "+", Capability::kHarmless},
    {"flax", "+", Capability::kHarmless},
    {"optax", "+", Capability::kHarmless},
    {"mxnet", "+", Capability::kHarmless},
    {"paddle", "+", Capability::kHarmless},
    {"onnx", "+", Capability::kHarmless},
    {"skops", "+", Capability::kHarmless},
    {"skl2onnx", "+", Capability::kHarmless},
    {"optuna", "+", Capability::kHarmless},
    {"stable_baselines3", "+", Capability::kHarmless},
    {"gym", "+", Capability::kHarmless},
    {"gymnasium", "+", Capability::kHarmless},
    {"prophet", "+", Capability::kHarmless},
    {"surprise", "+", Capability::kHarmless},
    {"sympy", "+", Capability::kHarmless},
    {"networkx", "+", Capability::kHarmless},
    {"PIL", "+", Capability::kHarmless},
    {"easydict", "+", Capability::kHarmless},
    {"addict", "+", Capability::kHarmless},
    {"yacs", "+", Capability::kHarmless},
    {"mmengine", "+", Capability::kHarmless},
    {"mmcv", "+", Capability::kHarmless},
    {"detectron2", "+", Capability::kHarmless},
    {"sklearn_crfsuite", "+", Capability::kHarmless},
    {"sortedcontainers", "+", Capability::kHarmless},
    {"ordered_set", "+", Capability::kHarmless},
    {"attr", "+", Capability::kHarmless},
    {"pydantic", "+", Capability::kHarmless},
    {"google.protobuf", "+", Capability::kHarmless},
    {"datasets", "+", Capability::kHarmless},
    {"tqdm", "+", Capability::kHarmless},
    {"packaging", "+", Capability::kHarmless},
    {"geopandas", "+", Capability::kHarmless},
    {"immutables", "+", Capability::kHarmless},
    {"intervaltree", "+", Capability::kHarmless},
    {"portion", "+", Capability::kHarmless},
    {"pyproj", "+", Capability::kHarmless},
    {"rdkit", "+", Capability::kHarmless},
    {"sparse", "+", Capability::kHarmless},
    {"matplotlib",
     "_picklable_class_constructor _picklable_norm_constructor _create_empty_object_of_class",
     Capability::kHarmless},
    {"shapely", "+ from_wkb from_wkt", Capability::kHarmless},
    {"astropy", "+ _skyoffset_reducer reconst_func reconstruct_func", Capability::kHarmless},
    {"frozendict", "+ frozendict", Capability::kHarmless},
    {"pyrsistent", "+ pmap pvector pset plist pdeque pbag", Capability::kHarmless},
    {"pvectorc", "+ pvector", Capability::kHarmless},
    {"bidict", "+ bidict frozenbidict bidict._from_other", Capability::kHarmless},
    {"bayes_opt", "wrap_kernel", Capability::kHarmless},
    {"Orange", "make_variable _create_discrete", Capability::kHarmless},
    {"dgl", "_new_object", Capability::kHarmless},
    {"fsspec", "make_instance", Capability::kHarmless},
    {"pyspark", "_restore _from_id _create_row", Capability::kHarmless},
    {"pytensor", "load_back", Capability::kHarmless},
    {"sqlalchemy", "immutabledict quoted_name", Capability::kHarmless},
    {"tensorboard", "as_dtype", Capability::kHarmless},
    // PyTorch.
    // Other functions of it import by name and load pickles.
    {"torch._utils",
     "+ _rebuild_tensor _rebuild_tensor_v2 _rebuild_tensor_v3 _rebuild_parameter "
     "_rebuild_parameter_v2 _rebuild_parameter_with_state _rebuild_sparse_tensor "
     "_rebuild_sparse_csr_tensor _rebuild_nested_tensor _rebuild_qtensor "
     "_rebuild_device_tensor_from_numpy _rebuild_device_tensor_from_cpu_tensor "
     "_rebuild_xla_tensor _rebuild_mlc_tensor _rebuild_hpu_tensor _rebuild_lazy_tensor "
     "_rebuild_ort_tensor _rebuild_meta_tensor_no_storage _rebuild_wrapper_subclass "
     "_element_size",
     Capability::kHarmless},
    {"torch._tensor", "+ _rebuild_from_type _rebuild_from_type_v2", Capability::kHarmless},
    {"torch.storage", "+ _load_from_bytes", Capability::kHarmless},
    {"torch.nn", "+ _rebuild_parameter relu gelu silu tanh softmax sigmoid", Capability::kHarmless},
    {"torch.optim", "+", Capability::kHarmless},
    {"torch.distributions", "+", Capability::kHarmless},
    {"torch.utils.data", "+", Capability::kHarmless},
    {"torch.quantization", "+", Capability::kHarmless},
    {"torch.ao", "+", Capability::kHarmless},
    {"torch.jit._pickle", "*", Capability::kHarmless},
    {"torch.jit",
     "_pickle.build_intlist _pickle.build_tensorlist _pickle.build_doublelist "
     "_pickle.build_boollist _pickle.restore_type_tag",
     Capability::kHarmless},
    {"torch.serialization", "_get_layout +", Capability::kHarmless},
    {"torch.distributed", "+", Capability::kHarmless},
    {"torch.cuda", "+", Capability::kHarmless},
    {"torch.sparse", "+", Capability::kHarmless},
    {"torch.nested", "+ _rebuild_njt", Capability::kHarmless},
    {"torch.fx", "immutable_dict immutable_list", Capability::kHarmless},
    {"torch.functional", "+", Capability::kHarmless},
    {"torch._C", "+ _nn.gelu", Capability::kHarmless},
    {"torch.amp", "+", Capability::kHarmless},
    {"torch.torch_version", "TorchVersion", Capability::kHarmless},
    {"torch",
     "Size device dtype Tensor tensor Generator Storage float32 float float16 half bfloat16 "
     "float64 double int8 int16 int32 int64 long uint8 bool qint8 quint8 qint32 complex64 "
     "complex128 strided sparse_coo contiguous_format channels_last preserve_format "
     "per_tensor_affine per_channel_affine per_tensor_symmetric per_channel_symmetric FloatStorage "
     "HalfStorage BFloat16Storage DoubleStorage LongStorage IntStorage ShortStorage CharStorage "
     "ByteStorage BoolStorage QInt8Storage QUInt8Storage QInt32Storage ComplexFloatStorage "
     "ComplexDoubleStorage UntypedStorage TypedStorage tanh relu sigmoid float8_e4m3fn float8_e5m2 "
     "uint16 uint32 uint64 finfo zeros ones add mul cat",
     Capability::kHarmless},
    {"__torch__", "*", Capability::kHarmless},
});

constexpr auto kStandard = std::to_array<std::string_view>({
    "builtins", "os",          "sys",          "io",          "abc",         "ast",
    "array",    "base64",      "binascii",     "calendar",    "cmd",         "codecs",
    "_codecs",  "collections", "configparser", "contextlib",  "copy",        "copyreg",
    "csv",      "curses",      "datetime",     "dataclasses", "decimal",     "difflib",
    "dis",      "email",       "encodings",    "enum",        "errno",       "filecmp",
    "fnmatch",  "fractions",   "functools",    "genericpath", "getopt",      "gettext",
    "grp",      "hashlib",     "heapq",        "hmac",        "html",        "itertools",
    "json",     "keyword",     "locale",       "logging",     "mailbox",     "mailcap",
    "math",     "mimetypes",   "netrc",        "numbers",     "nturl2path",  "operator",
    "optparse", "pathlib",     "pickle",       "pickletools", "plistlib",    "posixpath",
    "pprint",   "pwd",         "py_compile",   "compileall",  "queue",       "quopri",
    "random",   "re",          "readline",     "reprlib",     "resource",    "secrets",
    "select",   "selectors",   "shlex",        "statistics",  "string",      "struct",
    "symtable", "sysconfig",   "syslog",       "tabnanny",    "textwrap",    "threading",
    "time",     "tkinter",     "token",        "tokenize",    "traceback",   "tracemalloc",
    "turtle",   "types",       "typing",       "unicodedata", "uuid",        "warnings",
    "wave",     "weakref",     "xml",          "xdrlib",      "zipapp",      "zlib",
    "zoneinfo", "ipaddress",   "argparse",     "bisect",      "cgi",         "cgitb",
    "crypt",    "fcntl",       "termios",      "tty",         "msvcrt",      "winreg",
    "nis",      "rlcompleter", "stringprep",   "graphlib",    "contextvars", "colorsys",
});

}  // namespace

std::span<const CalleeRow> harmless_rows() { return kRows; }

bool is_standard_module(std::string_view module) {
  return std::ranges::find(kStandard, module.substr(0, module.find('.'))) != kStandard.end();
}

}  // namespace vedette::scan::models
