"""Classification scores, all from one confusion matrix."""

import numpy as np

METRICS = {
    "accuracy": "accuracy",
    "precision": "macro-averaged precision",
    "recall": "macro-averaged recall",
    "f1": "macro-averaged F1 score",
    "n_correct": "number of samples classified correctly",
}


def confusion(truth: np.ndarray, predicted: np.ndarray, n_classes: int) -> np.ndarray:
    """Counts (true class, predicted class), shape (n_classes, n_classes)."""
    pairs = truth.astype(np.int64) * n_classes + predicted
    return np.bincount(pairs, minlength=n_classes**2).reshape(n_classes, n_classes)


def scores(counts: np.ndarray) -> dict[str, float]:
    """Accuracy and the macro averages of precision, recall and F1 (Seidler & Abel 2024, eqs. 6-9).

    Classes that never occur, or are never predicted, count 0 where a ratio is undefined.
    """
    correct = np.diag(counts).astype(float)
    predicted, true = counts.sum(axis=0), counts.sum(axis=1)
    present = (predicted + true) > 0
    precision, recall, f1 = (
        np.divide(correct * factor, total, out=np.zeros_like(correct), where=total > 0)
        for factor, total in ((1, predicted), (1, true), (2, predicted + true))
    )
    return {
        "accuracy": float(correct.sum() / counts.sum()),
        "precision": float(precision[present].mean()),
        "recall": float(recall[present].mean()),
        "f1": float(f1[present].mean()),
        "n_correct": int(correct.sum()),
    }
