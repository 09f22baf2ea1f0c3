"""Aggregates enriched conversations into training files for LoRA fine-tuning.

Start from `training_files.bootstrap.create_training_file_service`.
"""
