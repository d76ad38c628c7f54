"""What libraries call the losses and activations that are here, and what is not a function of one prediction."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

LOSSES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "cross-entropy": {
        "torch": ("BCELoss", "BCEWithLogitsLoss", "binary_cross_entropy", "binary_cross_entropy_with_logits"),
        "keras": ("BinaryCrossentropy", "binary_crossentropy"),
        "scikit-learn": ("log_loss", "neg_log_loss", "HalfBinomialLoss", "deviance"),
        "optax": ("sigmoid_binary_cross_entropy",),
        "xgboost": ("binary:logistic", "binary:logitraw", "reg:logistic", "logloss"),
        "lightgbm": ("binary", "binary_logloss", "cross_entropy", "xentropy"),
        "catboost": ("Logloss", "CrossEntropy"),
    },
    "focal": {
        "torchvision": ("sigmoid_focal_loss",),
        "keras": ("BinaryFocalCrossentropy", "binary_focal_crossentropy"),
        "optax": ("sigmoid_focal_loss",),
        "catboost": ("Focal",),
    },
    "squared-error": {
        "torch": ("MSELoss", "mse_loss"),
        "keras": ("MeanSquaredError", "mean_squared_error"),
        "scikit-learn": ("squared_error", "mean_squared_error", "neg_mean_squared_error", "brier_score_loss",
                         "neg_brier_score"),
        "optax": ("squared_error",),
        "xgboost": ("reg:squarederror", "reg:linear", "rmse"),
        "lightgbm": ("regression", "regression_l2", "l2", "l2_root", "root_mean_squared_error"),
        "catboost": ("RMSE",),
    },
    "half-squared-error": {"scikit-learn": ("HalfSquaredError", "HalfSquaredLoss"), "optax": ("l2_loss",)},
    "absolute-error": {
        "torch": ("L1Loss", "l1_loss"),
        "keras": ("MeanAbsoluteError", "mean_absolute_error"),
        "scikit-learn": ("AbsoluteError", "mean_absolute_error", "neg_mean_absolute_error"),
        "xgboost": ("reg:absoluteerror",),
        "lightgbm": ("regression_l1",),
        "catboost": ("MAE",),
    },
    "huber": {
        "torch": ("HuberLoss", "huber_loss"),
        "keras": ("Huber",),
        "scikit-learn": ("huber", "HuberLoss"),
        "optax": ("huber_loss",),
        "lightgbm": ("huber",),
        "catboost": ("Huber",),
    },
    "smooth-l1": {"torch": ("SmoothL1Loss", "smooth_l1_loss")},
    "log-cosh": {"keras": ("LogCosh", "log_cosh"), "optax": ("log_cosh",), "catboost": ("LogCosh",)},
    "quantile": {
        "scikit-learn": ("mean_pinball_loss", "PinballLoss", "quantile"),
        "xgboost": ("reg:quantileerror",),
        "lightgbm": ("quantile",),
        "catboost": ("Quantile",),
    },
    "hinge": {
        "keras": ("Hinge",), "scikit-learn": ("hinge_loss",), "optax": ("hinge_loss",), "xgboost": ("binary:hinge",),
    },
    "squared-hinge": {"keras": ("SquaredHinge",), "scikit-learn": ("squared_hinge",)},
    "exponential": {"scikit-learn": ("exponential", "ExponentialLoss")},
    "poisson": {
        "torch": ("PoissonNLLLoss", "poisson_nll_loss"),
        "keras": ("Poisson",),
        "scikit-learn": ("HalfPoissonLoss",),
        "optax": ("poisson_nll_loss",),
        "xgboost": ("count:poisson", "poisson-nloglik"),
        "lightgbm": ("poisson",),
        "catboost": ("Poisson",),
    },
    "gaussian-nll": {"torch": ("GaussianNLLLoss", "gaussian_nll_loss")},
    "pseudo-huber": {"xgboost": ("reg:pseudohubererror", "mphe")},
    "barron": {"google-research": ("lossfun",)},
    "tukey": {"statsmodels": ("TukeyBiweight",)},
    "fair": {"lightgbm": ("fair",)},
    "expectile": {"catboost": ("Expectile",)},
    "epsilon-insensitive": {"scikit-learn": ("epsilon_insensitive",)},
    "squared-epsilon-insensitive": {"scikit-learn": ("squared_epsilon_insensitive",)},
    "msle": {
        "keras": ("MeanSquaredLogarithmicError", "mean_squared_logarithmic_error"),
        "scikit-learn": ("mean_squared_log_error", "neg_mean_squared_log_error"),
        "xgboost": ("rmsle",),
        "catboost": ("MSLE",),
    },
    "mape": {
        "keras": ("MeanAbsolutePercentageError", "mean_absolute_percentage_error"),
        "scikit-learn": ("neg_mean_absolute_percentage_error",),
        "lightgbm": ("mape", "mean_absolute_percentage_error"),
        "catboost": ("MAPE",),
    },
    "gamma": {
        "scikit-learn": ("HalfGammaLoss", "mean_gamma_deviance"),
        "xgboost": ("reg:gamma", "gamma-deviance", "gamma-nloglik"),
        "lightgbm": ("gamma", "gamma_deviance"),
    },
    "tweedie": {
        "scikit-learn": ("HalfTweedieLoss", "mean_tweedie_deviance"),
        "xgboost": ("reg:tweedie", "tweedie-nloglik"),
        "lightgbm": ("tweedie",),
        "catboost": ("Tweedie",),
    },
    "negative-binomial": {"statsmodels": ("NegativeBinomial",)},
    "asymmetric": {"timm": ("AsymmetricLossMultiLabel",)},
    "soft-margin": {"torch": ("SoftMarginLoss", "soft_margin_loss")},
    "modified-huber": {"scikit-learn": ("modified_huber",)},
    "dpo": {"TRL": ("sigmoid", "DPOTrainer", "RewardTrainer"), "catboost": ("PairLogit",)},
    "robust-dpo": {"TRL": ("robust",)},
    "ipo": {"TRL": ("ipo",)},
    "exo": {"TRL": ("exo_pair",)},
    "discopop": {"TRL": ("discopop",)},
    "apo": {"TRL": ("apo_down",)},
    "simpo": {"TRL": ("simpo",)},
    "bco": {"TRL": ("bco_pair", "BCOTrainer")},
    "nca": {"TRL": ("nca_pair",)},
    "ppo-clip": {"TRL": ("grpo", "GRPOTrainer", "PPOTrainer")},
    "sapo": {"TRL": ("sapo",)},
    "zero-one": {"scikit-learn": ("zero_one_loss",), "xgboost": ("error",), "lightgbm": ("binary_error",)},
}  # fmt: skip
"""Losses of one prediction: by id, then by library."""

SOFTMAX_LOSSES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "cross-entropy": {
        "torch": ("CrossEntropyLoss", "NLLLoss", "nll_loss"),
        "keras": ("CategoricalCrossentropy", "categorical_crossentropy", "SparseCategoricalCrossentropy",
                  "sparse_categorical_crossentropy"),
        "scikit-learn": ("HalfMultinomialLoss",),
        "optax": ("softmax_cross_entropy", "softmax_cross_entropy_with_integer_labels"),
        "xgboost": ("multi:softprob", "multi:softmax", "mlogloss"),
        "lightgbm": ("multiclass", "multi_logloss"),
        "catboost": ("MultiClass",),
    },
    "focal": {"keras": ("CategoricalFocalCrossentropy", "categorical_focal_crossentropy")},
    "kl": {
        "": ("kl", "kld", "relative-entropy"),
        "torch": ("KLDivLoss", "kl_div"),
        "keras": ("KLDivergence", "kl_divergence", "kullback_leibler_divergence"),
        "optax": ("kl_divergence",),
    },
    "hinge": {"torch": ("MultiMarginLoss", "multi_margin_loss"), "keras": ("CategoricalHinge", "categorical_hinge"),
              "optax": ("multiclass_hinge_loss",)},
    "distillation": {"": ("distillation", "kd", "knowledge-distillation")},
    "infonce": {
        "": ("infonce", "ntxent", "simclr"),
        "pytorch-metric-learning": ("NTXentLoss",),
        "sentence-transformers": ("MultipleNegativesRankingLoss",),
    },
    "arcface": {"": ("arcface",), "insightface": ("ArcFace",), "pytorch-metric-learning": ("ArcFaceLoss",)},
    "cosface": {"": ("cosface",), "insightface": ("CosFace",), "pytorch-metric-learning": ("CosFaceLoss",)},
    "z-loss": {"": ("z-loss",), "t5x": ("cross_entropy_with_logits",)},
    "rps": {"": ("rps", "ranked-probability-score"), "scoringrules": ("rps_score",), "xskillscore": ("rps",)},
}  # fmt: skip
"""Losses of K classes."""

ACTIVATIONS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "identity": {"torch": ("Identity",), "keras": ("linear",)},
    "sigmoid": {"torch": ("Sigmoid",), "keras": ("sigmoid",), "scipy": ("expit",), "jax": ("sigmoid",)},
    "tanh": {"torch": ("Tanh",), "keras": ("tanh",)},
    "probit": {"scipy": ("ndtr", "norm.cdf")},
    "hard-sigmoid": {"torch": ("Hardsigmoid",), "keras": ("hard_sigmoid",), "jax": ("hard_sigmoid",)},
    "softplus": {"torch": ("Softplus",), "keras": ("softplus",)},
    "relu": {"torch": ("ReLU",), "keras": ("relu",)},
    "exp": {"keras": ("exponential",), "numpy": ("exp",)},
}
"""Activations."""

_SETS = "compares sets, not one prediction with one label"
_ALIGNS = "is a sum over alignments of two sequences"
_PAIRS = "compares several vectors with each other"
_RANKS = "ranks several predictions against each other"

ABSENT: Mapping[str, str] = {
    **dict.fromkeys(("dice", "DiceLoss", "jaccard", "iou", "IoULoss", "tversky", "lovasz", "focal-tversky"), _SETS),
    **dict.fromkeys(("ctc", "CTCLoss", "ctc_loss", "rnnt", "RNNTLoss", "transducer"), _ALIGNS),
    **dict.fromkeys(
        ("triplet", "TripletMarginLoss", "contrastive", "CosineEmbeddingLoss", "CosineSimilarity", "cosine",
         "HingeEmbeddingLoss", "center-loss"),
        _PAIRS,
    ),
    **dict.fromkeys(
        ("lambdarank", "rank:ndcg", "rank:pairwise", "rank:map", "ndcg", "MarginRankingLoss", "rank_xendcg",
         "YetiRank"),
        _RANKS,
    ),
    "softmax": "is of K classes: write lossterm softmax",
    "MultiLabelSoftMarginLoss": "is cross-entropy of each label by itself: write cross-entropy",
    "auc": "ranks all predictions against each other; lossterm data tells it of a file",
}  # fmt: skip
"""Names of losses that are not functions of one prediction, and why."""


@lru_cache(maxsize=2048)
def key(name: str) -> str:
    """What two spellings of one name have in common: its letters and digits, small."""
    return "".join(c for c in name.lower() if c.isalnum())


def by_library(table: Mapping[str, Mapping[str, tuple[str, ...]]], name: str) -> str | None:
    """The id under which a table has a library's name; None where it has none."""
    wanted = {key(name), key(name.rpartition(".")[2])}  # with or without its module: torch.nn.BCELoss
    for entry, libraries in table.items():
        if any(key(known) in wanted for names in libraries.values() for known in names):
            return entry
    return None


def all_of(table: Mapping[str, Mapping[str, tuple[str, ...]]], entry: str) -> tuple[str, ...]:
    """Every library's names of an entry, each once."""
    return tuple(dict.fromkeys(name for names in table.get(entry, {}).values() for name in names))


def absent_because(name: str) -> str | None:
    """Why there is no loss of this name; None where nothing is known of it."""
    wanted = key(name)
    short = wanted.removesuffix("loss")
    return next((why for known, why in ABSENT.items() if key(known) in (wanted, short)), None)
