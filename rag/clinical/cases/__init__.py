"""Intensive-care patients as cases: tables, their split, what a model got wrong, who is similar to whom.

For research and teaching; no medical device (:data:`~rag.clinical.cases.types.NOTICE`).

The way of a table: :func:`~rag.clinical.cases.importing.import_patients` reads files of any known shape
into a :class:`~rag.clinical.cases.types.PatientTable`;
:func:`~rag.clinical.cases.splitting.split_patients` divides it by person; a model's answers on the training
side become a :class:`~rag.clinical.cases.bank.PatientBank`;
:class:`~rag.clinical.cases.similarity.SimilarPatients` finds the past errors that are nearest to a new
patient, and :func:`~rag.clinical.cases.evidence.evidence_lines` writes a patient's own values out. None of it
knows a language model: ``agents.icu`` joins the two.
"""
