"""The features of the program, one line each: a new one is a folder and a line here."""

from __future__ import annotations

from lossterm.model.feature import CommandModule, Feature, Topic

_SIGMOID = {"label": 1.0, "smoothing": 0.0, "activation": "sigmoid"}

_CURVES = (
    Topic(
        "Saturation: the prediction is off, and the slope is nearly 0",
        "saturated vanishing gradient flat plateau stuck dead sigmoid mse squared error",
        {**_SIGMOID, "logit": -4.0, "slope": "d_logit"},
    ),
    Topic(
        "A loss stuck at 0.693 = ln 2: p = ½, nothing is learned",
        "0.6931 0.69 log 2 chance random stuck coin",
        {**_SIGMOID, "logit": 0.0},
    ),
    Topic(
        "What does a number mean? 0.6931, nan, a line of a log: explained",
        "why does … mean explain meaning 0.693 2.303 2.3026 1.461 16.118 nan inf stuck plateau loss log number",
        action="lossterm.meanings.ask:ask",
    ),
    Topic(
        "The gradient ∂L/∂z, what reaches the logit",
        "gradient derivative slope backprop chain rule p-t",
        {"slope": "d_logit"},
    ),
    Topic(
        "The curvature ∂²L/∂z², and where a loss is concave",
        "curvature hessian second derivative convex concave",
        {"slope": "d2_logit"},
    ),
    Topic(
        "A loss as a function of the probability p", "probability prediction curve plot graph", {"axis": "prediction"}
    ),
    Topic(
        "Landmarks of a curve: minimum, inflection, crossings, and a window to zoom into",
        "extremum steepest intersection zoom window range",
    ),
    Topic(
        "The densities over labels whose −log a loss is",
        "likelihood mle gaussian laplace bernoulli distribution",
        {"likelihood": True},
    ),
    Topic("The risk: the expected loss where labels are uncertain", "risk bayes expected eta noise proper"),
    Topic(
        "Losses of one prediction, with their parameters, behind an activation",
        "activation reference poisson quantile tau delta sigma gamma pos_weight regression",
    ),
    Topic(
        "An objective of your own as dots: lossterm check FILE.py:FUNC --show",
        "custom objective gradient hessian xgboost lightgbm check fobj wrong sign boosting",
    ),
    Topic(
        "Where a loss is ∞ or undefined (NaN)",
        "nan inf infinity infinite undefined overflow log(0) clip eps",
        {**_SIGMOID, "axis": "prediction"},
    ),
)

_SOFTMAX = (
    Topic(
        "Softmax of K classes: logits, probabilities, target", "softmax categorical multiclass classes logits one-hot"
    ),
    Topic("The temperature of a softmax", "temperature T hot cold sharpen soften", {"sweep": "temperature"}),
    Topic("Cross-entropy = entropy + KL, in nats and bits", "kl divergence entropy bits nats perplexity information"),
    Topic("Distillation from a teacher's logits", "distillation teacher student knowledge"),
    Topic("Label smoothing over K classes, and its floor", "label smoothing epsilon floor overconfident"),
    Topic("The loss before any training is ln K: 2.303 of ten classes", "stuck 2.303 2.302 ln 10 chance initial loss"),
)

_RACE = (
    Topic(
        "Gradient descent of the losses from one start: which is there first",
        "train training learn optimize converge speed steps epochs",
    ),
    Topic(
        "The learning rate, momentum, Newton", "learning rate lr sgd adam optimizer momentum newton step size diverge"
    ),
    Topic("One logit that starts on the wrong side", "stuck slow saturated vanishing gradient", {"problem": "logit"}),
    Topic("Classes of unequal size", "imbalance imbalanced minority rare weight focal", {"problem": "imbalanced"}),
    Topic("Labels that are wrong", "noise noisy label flipped mislabeled robust", {"problem": "flipped"}),
    Topic("An outlier in a classification", "outlier robust hinge", {"problem": "outlier"}),
    Topic("A line through points, with an outlier", "regression line linear huber mae mse robust", {"problem": "line"}),
    Topic("A worse minimum, where descent can stay", "local minimum nonconvex stuck", {"problem": "minima"}),
    Topic("The best constant: mean, median, quantile", "mean median quantile constant", {"problem": "constant"}),
)

_DATA = (
    Topic(
        "Figures of a file of predictions",
        "metrics accuracy auroc auc roc ece brier log loss precision recall f1 "
        "statistics evaluate csv parquet open load file own demo sample filter group range",
        {},
    ),
    Topic(
        "Calibration: the reliability diagram",
        "calibration calibrated reliability ece overconfident confidence temperature scaling platt",
        {"look": {"page": "reliability"}},
    ),
    Topic(
        "The predictions by label, and the threshold",
        "histogram threshold cutoff distribution decision",
        {"look": {"page": "histogram"}},
    ),
    Topic(
        "The worst examples, and their share of the gradient",
        "worst hardest examples share gradient mislabeled outlier",
        {"look": {"page": "share"}},
    ),
    Topic("The confusion of classes", "confusion matrix errors classes", {"look": {"page": "classes"}}),
)

_PROPERTIES = (
    Topic("Which losses are convex, smooth, bounded", "convex smooth lipschitz bounded property compare table"),
    Topic("Which losses are proper, which calibrated", "proper scoring rule calibrated fisher consistent bayes"),
    Topic("Which losses bear outliers and noise", "robust outlier noise symmetric bounded influence"),
    Topic("Which loss to choose", "choose which best recommend compare difference"),
)

FEATURES = (
    Feature("1", "curves", "Curves", "lossterm.curves.screen:CurvesScreen", "plot", _CURVES),
    Feature("2", "softmax", "Softmax", "lossterm.softmax.screen:SoftmaxScreen", "softmax", _SOFTMAX),
    Feature("3", "race", "Race", "lossterm.race.screen:RaceScreen", "race", _RACE),
    Feature("4", "data", "Data", "lossterm.predictions.screen:DataScreen", "data", _DATA),
    Feature("5", "properties", "Properties", "lossterm.properties.screen:PropertiesScreen", "properties", _PROPERTIES),
)  # fmt: skip
"""With what each screen shows, as people look for it in the palette of any screen."""


COMMANDS = {
    "table": CommandModule("lossterm.curves.table", "numbers at points, as text, JSON or CSV"),
    "plot": CommandModule("lossterm.curves.plot", "the curves, drawn as text"),
    "race": CommandModule(
        "lossterm.race.command",
        "gradient descent of several losses from one start: who is there first, and after how many steps",
    ),
    "properties": CommandModule(
        "lossterm.properties.command", "what is true of each loss, computed: convexity, bounds, properness …"
    ),
    "data": CommandModule(
        "lossterm.predictions.command",
        "a file of predictions: what the losses see in it, its calibration, its worst examples",
    ),
    "softmax": CommandModule(
        "lossterm.softmax.command", "K classes: each loss and its gradient with respect to the logits"
    ),
    "dialects": CommandModule(
        "lossterm.dialects.command", "what each library computes for a loss, and from where on it is wrong"
    ),
    "precision": CommandModule(
        "lossterm.precision.command", "a plain chain rule in float16, bfloat16, float32, and where it fails"
    ),
    "code": CommandModule(
        "lossterm.snippets.command", "a loss as code for torch, xgboost …: value, gradient, Hessian, checked"
    ),
    "check": CommandModule(
        "lossterm.checking.command", "somebody's gradient and Hessian against every loss: sign, p for z, weights, NaN"
    ),
    "why": CommandModule(
        "lossterm.meanings.command", "what a number means that a training says: 0.6931, nan, a line of a log"
    ),
    "story": CommandModule("lossterm.stories.command", "guided tours: predict, move, see what is so"),
    "serve": CommandModule("lossterm.serve.command", "the explorer in a browser, for a class"),
    "list": CommandModule("lossterm.curves.list", "the losses and activations, their names and parameters"),
}
"""The commands by name."""
