"""Publications that several calculators share."""

from rag.clinical.calculators.calculator import Source

KDIGO_CKD = Source(
    short="KDIGO 2024",
    full="KDIGO CKD Work Group. Clinical practice guideline for the evaluation and management of chronic "
    "kidney disease. Kidney Int 2024;105(4S):S117-S314",
)
DEVINE = Source(
    short="Devine 1974", full="Devine BJ. Gentamicin therapy. Drug Intell Clin Pharm 1974;8:650-655"
)
WHO_OBESITY = Source(
    short="WHO 2000",
    full="World Health Organization. Obesity: preventing and managing the global epidemic. WHO Technical "
    "Report Series 894, 2000",
)
