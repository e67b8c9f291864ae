"""Probability of venous thrombosis before testing: the two Wells scores."""

from rag.clinical.calculators.calculator import Calculator, Field, Outcome, Source, say
from rag.clinical.calculators.inputs import Flag, Number
from rag.clinical.calculators.quantities import HEART_RATE
from rag.clinical.calculators.scoring import add_up, yes_no

WELLS_2000 = Source(
    short="Wells 2000",
    full="Wells PS, Anderson DR, Rodger M, et al. Derivation of a simple clinical model to "
    "categorize patients "
    "probability of pulmonary embolism. Thromb Haemost 2000;83:416-420",
)
WELLS_2003 = Source(
    short="Wells 2003",
    full="Wells PS, Anderson DR, Rodger M, et al. Evaluation of D-dimer in the diagnosis of suspected "
    "deep-vein thrombosis. N Engl J Med 2003;349:1227-1235",
)


def wells_pe(
    *,
    heart_rate: float,
    dvt_signs: bool,
    pe_likely: bool,
    immobile: bool,
    previous: bool,
    hemoptysis: bool,
    malignancy: bool,
) -> Outcome:
    """Add up the criteria of pulmonary embolism by Wells et al. 2000."""
    items = [
        yes_no("signs of deep vein thrombosis", dvt_signs, 3),
        yes_no("pulmonary embolism as likely as any other diagnosis", pe_likely, 3),
        yes_no(f"heart rate {say(heart_rate)}/min is over 100", heart_rate > 100, 1.5),
        yes_no("immobilisation of 3 days or surgery within 4 weeks", immobile, 1.5),
        yes_no("previous deep vein thrombosis or pulmonary embolism", previous, 1.5),
        yes_no("hemoptysis", hemoptysis, 1),
        yes_no("malignancy", malignancy, 1),
    ]
    bands = ((4.5, "pulmonary embolism likely (over 4)"), (0, "pulmonary embolism unlikely (4 or below)"))
    return add_up(items, bands=bands, source=WELLS_2000)


def wells_dvt(
    *,
    cancer: bool,
    paralysis: bool,
    bedridden_or_surgery: bool,
    tenderness: bool,
    leg_swollen: bool,
    calf_swelling: bool,
    pitting_edema: bool,
    collateral_veins: bool,
    previous_dvt: bool,
    alternative: bool,
) -> Outcome:
    """Add up the criteria of deep vein thrombosis by Wells et al. 2003; -2 to 9."""
    items = [
        yes_no("active cancer", cancer, 1),
        yes_no("paralysis, paresis or plaster of the leg", paralysis, 1),
        yes_no("bedridden over 3 days or major surgery within 12 weeks", bedridden_or_surgery, 1),
        yes_no("tenderness along the deep veins", tenderness, 1),
        yes_no("entire leg swollen", leg_swollen, 1),
        yes_no("calf over 3 cm thicker than the other", calf_swelling, 1),
        yes_no("pitting edema of that leg alone", pitting_edema, 1),
        yes_no("collateral superficial veins", collateral_veins, 1),
        yes_no("previous deep vein thrombosis", previous_dvt, 1),
        yes_no("another diagnosis at least as likely", alternative, -2),
    ]
    bands = ((2, "thrombosis likely (2 or more)"), (-2, "thrombosis unlikely (below 2)"))
    return add_up(items, bands=bands, source=WELLS_2003)


CALCULATORS = (
    Calculator(
        name="wells-pe",
        title="Wells score for pulmonary embolism",
        field=Field.ICU,
        about="Probability of pulmonary embolism before testing, 0 to 12.5.",
        formula="signs of DVT 3, embolism most likely 3, heart rate >100/min 1.5, immobilisation or "
        "surgery 1.5, "
        "previous DVT or embolism 1.5, hemoptysis 1, malignancy 1",
        inputs=(
            Number(key="heart_rate", quantity=HEART_RATE),
            Flag(key="dvt_signs", name="clinical signs of deep vein thrombosis"),
            Flag(key="pe_likely", name="pulmonary embolism as likely as any other diagnosis"),
            Flag(key="immobile", name="immobilisation for 3 days or surgery within 4 weeks"),
            Flag(key="previous", name="previous deep vein thrombosis or pulmonary embolism"),
            Flag(key="hemoptysis", name="hemoptysis"),
            Flag(key="malignancy", name="malignancy, treated within 6 months or palliative"),
        ),
        compute=wells_pe,
        sources=(WELLS_2000,),
        valid_for="Adults with suspected pulmonary embolism; not in pregnancy.",
        decimals=1,
        phrases=("wells' criteria for pulmonary embolism", "wells criteria for pulmonary", "wells pe"),
    ),
    Calculator(
        name="wells-dvt",
        title="Wells score for deep vein thrombosis",
        field=Field.ICU,
        about="Probability of deep vein thrombosis before testing, -2 to 9.",
        formula="1 point for each of nine criteria, -2 for another diagnosis at least as likely",
        inputs=(
            Flag(key="cancer", name="active cancer"),
            Flag(key="paralysis", name="paralysis, paresis or plaster of the leg"),
            Flag(key="bedridden_or_surgery", name="bedridden over 3 days or major surgery within 12 weeks"),
            Flag(key="tenderness", name="tenderness along the deep veins"),
            Flag(key="leg_swollen", name="entire leg swollen"),
            Flag(key="calf_swelling", name="calf over 3 cm thicker than the other"),
            Flag(key="pitting_edema", name="pitting edema of that leg alone"),
            Flag(key="collateral_veins", name="collateral superficial veins, not varicose"),
            Flag(key="previous_dvt", name="previous deep vein thrombosis"),
            Flag(key="alternative", name="another diagnosis at least as likely"),
        ),
        compute=wells_dvt,
        sources=(WELLS_2003,),
        valid_for="Outpatients with a suspected first or recurrent thrombosis.",
        phrases=(
            "wells' criteria for deep vein",
            "wells criteria for deep vein",
            "wells dvt",
            "wells' criteria for dvt",
        ),
    ),
)
