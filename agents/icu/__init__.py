"""Case prompting for intensive care: a model is shown similar patients whom it misjudged before.

``PatientPrompts`` (prompting) writes a patient as a prompt: plain, with the debiasing rules, with cases.
``RiskReader`` (risk) reads a probability of death out of a prompt. ``IcuService`` (service) joins them with
the tables, banks and similarity of ``rag.clinical.cases``: ``build`` asks the training patients of a table,
``predict`` one patient. An evaluation takes the same three parts::

    split = split_patients(table.patients, seed=seed)
    bank = read_patient_bank(file)                  # what build has written for the same split
    similar = SimilarPatients(bank)
    prompts = PatientPrompts(library, bank.features)
    reader = RiskReader(model, cancel=cancel)
    for patient in split.test:
        plain = reader.read(prompts.plain(patient)).probability
        debias = reader.read(prompts.debiased(patient)).probability
        chance = reader.read(prompts.debiased(patient, similar.draw(patient, seed=seed))).probability
        cap = reader.read(prompts.debiased(patient, similar.find(patient)[::-1])).probability  # nearest last
        vote = similar.vote(patient, neighbours=15)

``bank.cut`` is the alert cut at the training prevalence, ``rag.clinical.cases.bank.alert_cut`` the one of
other predictions. A swapped patient is ``dataclasses.replace(patient, sex=..., race=...)``.
"""
